"""200 idle and 50 slow clients are held while others are served, and the daemon stays small.

Idle: half have never said a word, half keep their connection after an answer. Slow: some send the
head of a request letter by letter, some its body, some read a long answer in drips. Meanwhile four
others chat and embed, before and beside them. The daemon's own memory is sampled throughout: what
is resident, mapped pages of its program included, and no child's.
"""

import contextlib
import itertools
import json
import socket
import statistics
import threading
import time
from pathlib import Path

import report
from daemons import CHAT, EMBED, Corral
from wire import Connection, get, post

BAR = 60_000_000
IDLE, SLOW = 200, 50
HEAD = b"POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def resident(pid: int) -> tuple[int, int]:
    """Bytes that are resident: private, and pages of files."""
    fields = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    anonymous, file = (int(fields[name].split()[0]) * 1024 for name in ("RssAnon", "RssFile"))
    return anonymous, file


class Sampler:
    """Samples the daemon's memory from another thread."""

    def __init__(self, pid: int):
        self.pid, self.samples = pid, []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._stop.wait(0.1):
            self.samples.append(resident(self.pid))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def peak(self) -> tuple[int, int]:
        return max(self.samples, key=sum)


class Client:
    """A connection that is held."""

    def __init__(self, address, receive_buffer: int | None = None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(address)
        self.rest: bytes = b""
        self.reads = False

    def drip(self) -> None:
        """Sends or reads a little more."""
        if self.rest:
            self.socket.sendall(self.rest[:1])
            self.rest = self.rest[1:]
        elif self.reads:
            self.socket.settimeout(5)
            if not self.socket.recv(16):
                raise ConnectionError("closed")

    def is_open(self) -> bool:
        """Whether the other side has neither closed nor, to an idle client, said anything."""
        self.socket.setblocking(False)
        try:
            said = self.socket.recv(1)
            return self.reads and bool(said)
        except BlockingIOError:
            return True
        except OSError:
            return False


def idle(address, count: int) -> list[Client]:
    clients = [Client(address) for _ in range(count)]
    for client in clients[: count // 2]:
        client.socket.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        received = b""
        while not received.endswith(b"}"):
            received += client.socket.recv(4096)
    return clients


def slow(address, count: int) -> list[Client]:
    body = json.dumps({"model": EMBED, "input": ["a slow llama"] * 24}).encode()
    length = f"Content-Length: {len(body)}\r\n\r\n".encode()
    clients = []
    for index in range(count):
        client = Client(address, receive_buffer=4096 if index % 5 == 4 else None)
        if index % 5 < 2:
            client.rest = HEAD
        elif index % 5 < 4:
            client.socket.sendall(HEAD + length)
            client.rest = body
        else:
            client.socket.sendall(HEAD + length + body)
            client.reads = True
        clients.append(client)
    return clients


def serve(address, seconds: float) -> list[float]:
    """Four clients that chat and embed for a while; the times of their answers."""
    requests = [
        post("/v1/chat/completions", {
            "model": CHAT, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 4}),
        post("/v1/embeddings", {"model": EMBED, "input": "wool"})]
    times: list[float] = []
    failures: list[object] = []
    end = time.monotonic() + seconds

    def work() -> None:
        try:
            for request in itertools.cycle(requests):
                if time.monotonic() > end:
                    return
                with Connection(address) as connection:
                    answer = connection.ask(request).checked()
                times.append(answer.last_byte)
        except BaseException as failure:  # Reported below.
            failures.append(failure)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit(f"a client was not served: {failures[0]!r}")
    return times


def main() -> None:
    given = report.options(__doc__, seconds=(12, "seconds they are held"))
    with Corral() as corral, contextlib.ExitStack() as stack:
        corral.load(CHAT)
        corral.load(EMBED)
        with Connection(corral.address) as connection:
            connection.ask(get("/v1/models")).checked()
        started = resident(corral.process.pid)
        with Sampler(corral.process.pid) as sampler:
            alone = serve(corral.address, given.seconds)
            before = sampler.peak
            clients = idle(corral.address, IDLE)
            drips = slow(corral.address, SLOW)
            for client in clients + drips:
                stack.callback(client.socket.close)
            stop = threading.Event()
            lost: list[Client] = []

            def dripping() -> None:
                while not stop.wait(0.5):
                    for client in drips:
                        try:
                            client.drip()
                        except OSError:
                            if client not in lost:
                                lost.append(client)

            thread = threading.Thread(target=dripping, daemon=True)
            thread.start()
            beside = serve(corral.address, given.seconds)
            stop.set()
            thread.join()
            held = sum(client.is_open() for client in clients)
            held_slow = sum(client.is_open() for client in drips if client not in lost)
        peak = sampler.peak
    megabytes = [[f"{value / 1e6:.1f}" for value in (*pair, sum(pair))]
                 for pair in (started, before, peak)]
    report.table(
        ["the daemon, MB", "private", "of files", "resident"],
        [["models loaded", *megabytes[0]], ["others served, at most", *megabytes[1]],
         ["with idle and slow clients, at most", *megabytes[2]]])
    report.table(
        ["others", "answers", "median, ms", "p95, ms"],
        [[name, str(len(times)), f"{statistics.median(times) * 1000:.1f}",
          f"{report.percentile(times, 0.95) * 1000:.1f}"]
         for name, times in (("alone", alone), ("beside them", beside))])
    print(f"held: {held} of {IDLE} idle, {held_slow} of {SLOW} slow")
    report.finish(
        "clients",
        {"peak": sum(peak), "private": peak[0], "held": held, "held_slow": held_slow,
         "alone": statistics.median(alone), "beside": statistics.median(beside)},
        sum(peak) < BAR and held == IDLE and held_slow == SLOW,
        f"all held, under {BAR / 1e6:g} MB", given.check)


if __name__ == "__main__":
    main()
