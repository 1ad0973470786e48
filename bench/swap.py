"""Swapping two models in a memory that holds one: Corral against llama-server's own router.

Two chat models (one file and its copy) are asked in turn, A, B, A, B …, one token each, so that
every request evicts one model and loads the other. Corral has a budget for one of them, the router
`--models-max 1`; the router is given the flags that Corral gives its own processes. Both run all
the time and are asked in turns. What counts is the ratio of the times within each pair, Corral's
over the router's; its median must be at most 1.
"""

import json
import shutil
import socket
import tempfile
import threading
from pathlib import Path

import report
from daemons import CHAT, CHAT_FILE, Corral, Router, flags, models
from wire import Address, Connection, decoded, get, post

BAR = 1.0


class Events:
    """What Corral tells of its models, read from another thread; times are the daemon's own."""

    def __init__(self, address: Address):
        self.seen: list[dict] = []
        self._socket = socket.create_connection(address)
        self._socket.sendall(get("/corral/v1/events"))
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with self._socket.makefile("rb") as lines:
            for line in lines:
                if line.startswith(b"data: "):
                    self.seen.append(json.loads(line[6:]))

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def phases(self) -> dict[str, list[float]]:
        """Seconds of the parts of each swap."""
        parts: dict[str, list[float]] = {"unload": [], "load": [], "answer": []}
        began: dict[str, float] = {}
        closes = {"unload_finished": "unload", "load_finished": "load", "lease_released": "answer"}
        opens = {"unload_started": "unload", "load_started": "load", "lease_granted": "answer"}
        for event in self.seen:
            kind, time = event["event"], event["time_seconds"]
            if kind in opens:
                began[opens[kind]] = time
            elif kind in closes and closes[kind] in began:
                parts[closes[kind]].append(time - began.pop(closes[kind]))
        return parts


def swap(address: Address, model: str) -> float:
    with Connection(address) as connection:
        connection.open()
        return connection.ask(post("/v1/chat/completions", {
            "model": model, "max_tokens": 1, "temperature": 0,
            "messages": [{"role": "user", "content": "Why do llamas hum?"}]})).checked().last_byte


def names(address: Address) -> list[str]:
    with Connection(address) as connection:
        listed = decoded(connection.ask(get("/v1/models")).checked())["data"]
    return sorted(model["id"] for model in listed)


def probe() -> tuple[int, list[str]]:
    """Bytes planned for the model, and the flags Corral gives its process."""
    with Corral() as corral:
        corral.load(CHAT)
        return corral.planned(CHAT), flags(corral.children()[CHAT_FILE])


def main() -> None:
    given = report.options(__doc__, swaps=(30, "swaps of each"))
    planned, shared = probe()
    with tempfile.TemporaryDirectory(prefix="corral-bench-models-") as folder:
        for name in ("model-a.gguf", "model-b.gguf"):
            shutil.copy(models() / CHAT_FILE, Path(folder, name))
        with (Corral(Path(folder), f"{planned * 3 // 2 >> 20}MiB") as corral,
              Router(Path(folder), shared) as router):
            ours, theirs = names(corral.address), names(router.address)
            for index in range(2):  # what either does once only
                swap(corral.address, ours[index])
                swap(router.address, theirs[index])
            events = Events(corral.address)
            pairs = []
            for index in range(given.swaps):
                order = [(corral.address, ours), (router.address, theirs)]
                if index % 4 >= 2:
                    order.reverse()
                took = {address: swap(address, known[index % 2]) for address, known in order}
                pairs.append((took[corral.address], took[router.address]))
            loads = corral.status()["totals"]["loads"]
            events.close()
    if loads != given.swaps + 2:
        raise SystemExit(f"{loads} loads; expected one for each of {given.swaps} + 2 requests")
    our, their, ratio = (report.spread(values) for values in (
        [pair[0] for pair in pairs], [pair[1] for pair in pairs],
        [pair[0] / pair[1] for pair in pairs]))
    phases = {name: report.spread(values) for name, values in events.phases().items()}
    rows = [(name, *(f"{values[key] * 1000:.0f}" for key in ("median", "p25", "p75", "p95")))
            for name, values in [("Corral", our), *((f"  {name}", values)
                                 for name, values in phases.items()), ("router", their)]]
    report.table(["a swap and one token, ms", "median", "p25", "p75", "p95"], rows)
    print(f"ratio {ratio['median']:.3f} (quartiles {ratio['p25']:.3f} to {ratio['p75']:.3f})")
    report.finish(
        "swap", {"corral": our, "router": their, "ratio": ratio, "phases": phases,
                 "swaps": given.swaps},
        ratio["median"] <= BAR, f"median ratio at most {BAR:g}", given.check)


if __name__ == "__main__":
    main()
