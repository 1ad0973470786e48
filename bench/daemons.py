"""The programs that are compared: `corral serve`, and llama-server as a router."""

import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from wire import Address, Connection, decoded, get, post

ROOT = Path(__file__).resolve().parent.parent
CORRAL = Path(os.environ.get("CORRAL_BIN", ROOT / ".build" / "release" / "corral"))
# An older build to be measured beside it in the same run, where there is one.
BASELINE = Path(os.environ["CORRAL_BASELINE_BIN"]) if "CORRAL_BASELINE_BIN" in os.environ else None
CHAT, EMBED = "smollm2-135m-instruct", "all-minilm-l6-v2"
CHAT_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"

# The same for everybody, so that sizes and times do not depend on the machine's memory.
CONTEXT = 2048


def required(variable: str) -> Path:
    value = os.environ.get(variable)
    if not value or not Path(value).exists():
        raise SystemExit(f"{variable} is not set to a path; run `make bench`")
    return Path(value)


def llama_server() -> Path:
    return required("CORRAL_LLAMA_SERVER")


def models() -> Path:
    return required("CORRAL_MODELS")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A program that serves HTTP on a free port until the block ends; its log is kept till then."""

    def __init__(self, name: str, environment: dict[str, str] | None = None):
        self.port = free_port()
        self.address: Address = ("127.0.0.1", self.port)
        self._name = name
        self._folder = tempfile.TemporaryDirectory(prefix="corral-bench-")
        self.folder = Path(self._folder.name)
        self.log = self.folder / "log"
        self._environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("CORRAL_")},
            "HOME": str(self.folder), "CORRAL_STORES": "none", **(environment or {}),
        }

    def command(self) -> list[str]:
        raise NotImplementedError

    def __enter__(self):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self._environment)
        deadline = time.monotonic() + 60
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                text = self.log.read_text(errors="replace")[-3000:]
                self.__exit__()
                raise SystemExit(f"{self._name} did not start:\n{text}")
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._folder.cleanup()

    def _answers(self) -> bool:
        try:
            with Connection(self.address) as connection:
                return connection.ask(get("/health")).status == 200
        except OSError:
            return False

    def children(self) -> dict[str, list[str]]:
        """The command lines of the llama-servers it started, by the model's file."""
        listing = subprocess.run(
            ["ps", "-Aww", "-o", "ppid=,args="], check=True, capture_output=True, text=True).stdout
        found = {}
        for line in listing.splitlines():
            parent, *words = line.split()
            if int(parent) == self.process.pid and "--model" in words:
                found[Path(words[words.index("--model") + 1]).name] = words
        return found


class Corral(Server):
    """`corral serve` over a folder of models."""

    def __init__(self, folder: Path | None = None, memory: str = "4GiB",
                 arguments: Sequence[str] = (), program: Path = CORRAL):
        super().__init__(f"{program} serve")
        self._program = program
        self._models = folder or models()
        self._arguments = ["--memory", memory, *arguments]

    def command(self) -> list[str]:
        return [str(self._program), "serve", "--port", str(self.port), "--models", str(self._models),
                "--llama-server", str(llama_server()), "--context", str(CONTEXT),
                *self._arguments]

    def socket(self, file: str) -> str:
        """The unix socket of the process that holds a model."""
        words = self.children()[file]
        return words[words.index("--host") + 1]

    def load(self, model: str) -> None:
        with Connection(self.address) as connection:
            connection.ask(post("/corral/v1/load", {"model": model})).checked()

    def status(self) -> dict:
        with Connection(self.address) as connection:
            return decoded(connection.ask(get("/corral/v1/status")).checked())

    def planned(self, model: str) -> int:
        """Bytes planned for a model in memory."""
        for entry in self.status()["models"]:
            if entry["model"] == model and entry["planned"]:
                return sum(entry["planned"]["total"].values())
        raise RuntimeError(f"{model} is not in memory")


class Router(Server):
    """llama-server as the router of a folder of models, keeping one in memory."""

    def __init__(self, folder: Path, flags: Sequence[str]):
        super().__init__("llama-server")
        self._models, self._flags = folder, flags

    def command(self) -> list[str]:
        return [str(llama_server()), "--host", "127.0.0.1", "--port", str(self.port),
                "--models-dir", str(self._models), "--models-max", "1", *self._flags]


# What Corral says to each of its processes and the router says itself.
OWN = {"--model", "--host", "--alias"}


def flags(words: list[str]) -> list[str]:
    """The flags of a llama-server's command line, without those that say which and where."""
    kept: list[str] = []
    skips = False
    for word in words[1:]:
        if re.fullmatch(r"-{1,2}[a-z][a-z-]*", word):
            skips = word in OWN
        if not skips:
            kept.append(word)
    return kept
