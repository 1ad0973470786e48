"""A `corral serve` of its own for a test, on a free port, with its log kept."""

import json
import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from processes import PATIENCE, is_alive, llama_servers, until

CHAT = "smollm2-135m-instruct"
EMBED = "all-minilm-l6-v2"
RERANK = "tiny-random-reranker"

# Every test gives the chat model the same small context, so that its size does not depend on the
# budget of the test.
CONFIGURATION = {"models": {CHAT: {"context": 2048}}}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def total(domains):
    """Bytes of all memory domains together."""
    return sum(domains.values())


class Answer:
    """Status, headers and body of an HTTP answer."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:400]!r}"


class Daemon:
    """A running daemon."""

    def __init__(self, binary, llama_server, models, folder, *, memory="4GiB", arguments=(),
                 environment=None, configuration=None, port=None):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.binary, self.port = binary, port or free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.address}"
        self.log_path = self.folder / "corral.log"
        config = self.folder / "config.json"
        config.write_text(json.dumps(configuration or CONFIGURATION))
        # Of the developer's own models none may show: neither at home nor in another tool's store.
        own = ("CORRAL_", "OLLAMA_", "LLAMA_", "HF_", "HUGGINGFACE_", "XDG_")
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(own)},
            "HOME": str(self.folder),
            "CORRAL_STORES": "none",
            "CORRAL_LLAMA_SERVER": str(llama_server),
            "CORRAL_MODELS": str(models),
            "CORRAL_URL": self.url,
            **(environment or {}),
        }
        budget = [] if memory is None else ["--memory", str(memory)]
        command = [str(binary), "serve", "--port", str(self.port), *budget,
                   "--config", str(config), *arguments]
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env=self.environment)
        self.pid = self.process.pid

    # Life

    def wait_until_ready(self):
        def answers():
            if self.process.poll() is not None:
                raise AssertionError(
                    f"corral serve ended with {self.process.returncode}:\n{self.log(60)}")
            try:
                return self.get("/health").status == 200
            except OSError:
                return False

        until(answers, "corral serve answers /health")
        return self

    def stop(self, seconds=PATIENCE):
        """SIGTERM; returns the exit status. Fails when it or a child outlives `seconds`."""
        children = llama_servers(self.pid)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.destroy()
            raise AssertionError(f"corral serve did not stop within {seconds} s") from None
        survivors = [child for child in children if is_alive(child.pid)]
        for child in survivors:
            child.kill()
        assert not survivors, f"llama-server outlived the daemon: {survivors}"
        return status

    def destroy(self):
        """SIGKILL to it and to what is left of its children."""
        children = llama_servers(self.pid)
        self.process.kill()
        self.process.wait()
        for child in children:
            if is_alive(child.pid):
                child.kill()

    def log(self, lines=40):
        text = self.log_path.read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    # Requests without a client library, for what those hide

    def request(self, method, path, body=None, headers=None, timeout=180):
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        for key, value in (headers or {}).items():
            request.add_header(key, value)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                status, fields, content = answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            status, fields, content = error.code, error.headers, error.read()
        return Answer(status, fields, content)

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body, **options):
        return self.request("POST", path, body, **options)

    # State

    def status(self):
        answer = self.get("/corral/v1/status")
        assert answer.status == 200, answer
        return answer.json

    def model(self, name, role=None):
        """What the status says of one model."""
        for model in self.status()["models"]:
            if model["model"] == name and role in (None, model["role"]):
                return model
        raise AssertionError(f"the status does not mention {name}: {self.status()}")

    def resident(self):
        """Names of the models in memory."""
        return sorted(m["model"] for m in self.status()["models"] if m["state"] == "resident")

    def reserved(self):
        """Bytes reserved in all domains together."""
        return total(self.status()["memory"]["reserved"])

    def planned(self, name, role=None):
        """Bytes that are planned for one model."""
        return total(self.model(name, role)["planned"]["total"])

    def load(self, name, **more):
        answer = self.post("/corral/v1/load", {"model": name, **more})
        assert answer.status == 200, answer
        return answer.json

    def children(self):
        return llama_servers(self.pid)

    def run(self, *arguments, timeout=180, **options):
        """Runs the command line against this daemon."""
        return subprocess.run(
            [str(self.binary), *arguments], env=self.environment, timeout=timeout,
            capture_output=True, text=True, stdin=subprocess.DEVNULL, **options)

    # Clients

    def openai(self, **options):
        import openai

        return openai.OpenAI(base_url=f"{self.url}/v1", api_key="unused",
                             **{"max_retries": 0, "timeout": 120, **options})

    def anthropic(self, **options):
        import anthropic

        return anthropic.Anthropic(base_url=self.url, api_key="unused",
                                   **{"max_retries": 0, "timeout": 120, **options})
