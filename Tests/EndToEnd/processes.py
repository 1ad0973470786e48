"""The child processes of a daemon and the memory they hold, read from /proc."""

import os
import signal
import threading
import time
from dataclasses import dataclass
from pathlib import Path

MEBIBYTE = 1 << 20

# Tests wait for what must come to pass; how fast it does is for bench/ to say. A test that fails
# after this many seconds has found something that hangs, however busy the machine is.
PATIENCE = 60


def until(condition, what, seconds=PATIENCE):
    """Waits until condition() is true and returns its value; fails the test after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


def is_alive(pid):
    """Whether a process runs; one that is dead but not yet waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


@dataclass(frozen=True)
class LlamaServer:
    """A llama-server process: its id, and the file name of the model it was started with."""

    pid: int
    model: str

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)


def llama_servers(ancestor):
    """The llama-server processes below a process, at any depth."""
    parents, lines = {}, {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parents[int(entry.name)] = int(
                (entry / "stat").read_text().rpartition(")")[2].split()[1])
            lines[int(entry.name)] = (entry / "cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    found = []
    for pid, line in lines.items():
        above = parents.get(pid)
        while above is not None and above != ancestor:
            above = parents.get(above)
        if above == ancestor and Path(os.fsdecode(line[0])).name.startswith("llama-server"):
            models = [os.fsdecode(word) for word in line if word.endswith(b".gguf")]
            found.append(LlamaServer(pid, Path(models[0]).name if models else ""))
    return sorted(found, key=lambda server: server.pid)


@dataclass(frozen=True)
class Memory:
    """Bytes that a process holds: private to it, and pages of files that it has mapped."""

    private: int
    file: int

    @property
    def total(self):
        return self.private + self.file

    @staticmethod
    def of(pid):
        """None when the process is gone or going."""
        try:
            text = Path(f"/proc/{pid}/status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return None
        fields = dict(line.split(":", 1) for line in text.splitlines())
        if "RssAnon" not in fields:
            return None
        kibibytes = {key: int(fields[key].split()[0]) for key in ("RssAnon", "RssFile", "RssShmem")}
        return Memory(
            (kibibytes["RssAnon"] + kibibytes["RssShmem"]) * 1024, kibibytes["RssFile"] * 1024)


@dataclass(frozen=True)
class Sample:
    """All children at one moment."""

    time: float
    memory: dict  # LlamaServer: Memory

    @property
    def total(self):
        return sum(memory.total for memory in self.memory.values())

    def __str__(self):
        parts = (f"{server.model} {memory.private / MEBIBYTE:.0f}+{memory.file / MEBIBYTE:.0f}"
                 for server, memory in self.memory.items())
        return f"{self.total / MEBIBYTE:.1f} MiB ({', '.join(parts)})"


class Sampler:
    """Samples the children of a process from another thread, four times a second."""

    def __init__(self, pid, interval=0.25):
        self.pid, self.interval, self.samples = pid, interval, []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        while not self._stop.wait(self.interval):
            memory = {server: Memory.of(server.pid) for server in llama_servers(self.pid)}
            self.samples.append(Sample(time.monotonic(), {s: m for s, m in memory.items() if m}))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    @property
    def peak(self):
        return max(self.samples, key=lambda sample: sample.total)
