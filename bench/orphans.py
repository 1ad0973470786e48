"""How long llama-server processes outlive a daemon that is killed with SIGKILL.

A daemon holds two models and is loading a third when it is killed. What is measured is the time
from the kill to the moment when none of its llama-servers runs any more. Each must take less than
2 seconds.
"""

import os
import signal
import threading
import time
from pathlib import Path

import report
from daemons import CHAT, EMBED, Corral
from wire import Connection, post

BAR = 2.0
RERANK = "tiny-random-reranker"


def children(parent: int) -> list[int]:
    """The llama-servers that a process started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            above = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            program = (entry / "cmdline").read_bytes().split(b"\0")[0]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if above == parent and os.fsdecode(program).endswith("llama-server"):
            found.append(int(entry.name))
    return found


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def load(corral: Corral, model: str) -> None:
    try:
        with Connection(corral.address) as connection:
            connection.ask(post("/corral/v1/load", {"model": model}))
    except OSError:
        pass  # It was killed meanwhile.


def kill_one() -> float:
    with Corral() as corral:
        corral.load(EMBED)
        corral.load(RERANK)
        third = threading.Thread(target=load, args=(corral, CHAT))
        third.start()
        while len(left := children(corral.process.pid)) < 3:
            time.sleep(0.001)
        os.kill(corral.process.pid, signal.SIGKILL)
        killed = time.perf_counter()
        while left and time.perf_counter() - killed < 60:
            left = [pid for pid in left if is_alive(pid)]
            time.sleep(0.001)
        took = time.perf_counter() - killed
        third.join()
        for pid in left:
            os.kill(pid, signal.SIGKILL)
    return took


def main() -> None:
    given = report.options(__doc__, kills=(10, "daemons to kill"))
    if not Path("/proc/self/stat").exists():
        raise SystemExit("orphans reads /proc, which only Linux has")
    times = [kill_one() for _ in range(given.kills)]
    spread = report.spread(times)
    report.table(
        ["orphans live on, ms", "median", "p95", "longest"],
        [["two models, one loading", *(f"{value * 1000:.0f}" for value in (
            spread["median"], spread["p95"], max(times)))]])
    report.finish("orphans", {"longest": max(times), **spread}, max(times) < BAR,
                  f"each under {BAR:g} s", given.check)


if __name__ == "__main__":
    main()
