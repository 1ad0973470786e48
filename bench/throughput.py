"""Streams of 256 tokens: a llama-server asked directly, and through Corral.

It is the same process both times, asked in turns, with one stream and with four at once. What
counts is the ratio of the tokens per second within each pair; its median must be at least 0.98.
"""

import contextlib
import threading
import time

import report
from daemons import BASELINE, CHAT, CHAT_FILE, CORRAL, Corral
from wire import Address, Connection, post

BAR = 0.98
TOKENS = 256


def request(stream: int) -> bytes:
    return post("/v1/chat/completions", {
        "model": CHAT, "max_tokens": TOKENS, "temperature": 0, "stream": True, "ignore_eos": True,
        "messages": [{"role": "user", "content": f"Tell me {stream + 2} stories about llamas."}]})


def tokens_per_second(address: Address, streams: int) -> float:
    """Runs the streams at once; the time is from the start of the first to the end of the last."""
    counts = [0] * streams
    connections = [Connection(address) for _ in range(streams)]
    for connection in connections:
        connection.open()

    def run(index: int) -> None:
        answer = connections[index].ask(request(index)).checked()
        counts[index] = answer.body.count(b'"delta":{"content"')
        if answer.body.count(b"data: [DONE]") != 1:
            raise RuntimeError("the stream has no end")

    threads = [threading.Thread(target=run, args=(index,)) for index in range(streams)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - start
    for connection in connections:
        connection.close()
    # A token may be held back until its character is whole, so events may be one or two fewer.
    if min(counts) < TOKENS * 0.9:
        raise RuntimeError(f"streams of {counts} events; expected about {TOKENS}")
    return streams * TOKENS / elapsed


def main() -> None:
    given = report.options(__doc__, pairs=(16, "pairs of each number of streams"))
    programs = [CORRAL, *([BASELINE] if BASELINE else [])]
    rows, results, passed = [], {}, True
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(Corral(program=program)) for program in programs]
        for server in servers:
            server.load(CHAT)
        for streams in (1, 4):
            measured: list[list[tuple[float, float]]] = [[] for _ in servers]
            for index in range(-1, given.pairs):
                for which, server in list(enumerate(servers))[::1 if index % 4 < 2 else -1]:
                    direct = server.socket(CHAT_FILE)
                    order: list[Address] = [direct, server.address]
                    if index % 2:
                        order.reverse()
                    speed = {address: tokens_per_second(address, streams) for address in order}
                    if index >= 0:
                        measured[which].append((speed[direct], speed[server.address]))
            ratios = [report.spread([pair[1] / pair[0] for pair in pairs]) for pairs in measured]
            base = ratios[1]["median"] if BASELINE else None
            held = report.holds(ratios[0]["median"], BAR, base, at_most=False)
            passed &= held
            for which, (pairs, ratio) in enumerate(zip(measured, ratios)):
                alone = report.spread([pair[0] for pair in pairs])
                through = report.spread([pair[1] for pair in pairs])
                figure = {"direct": alone, "corral": through, "ratio": ratio}
                if which:
                    results[streams]["baseline"] = figure
                else:
                    results[streams] = {**figure, "held": held}
                rows.append([f"{streams} at once{', baseline' if which else ''}",
                             f"{alone['median']:.1f}", f"{through['median']:.1f}",
                             f"{ratio['median']:.3f}", f"{ratio['p25']:.3f}",
                             f"{ratio['p75']:.3f}"])
    report.table(
        [f"streams of {TOKENS}, tokens/s", "direct", "Corral", "ratio", "p25", "p75"], rows)
    report.finish("throughput", {"streams": results, "pairs": given.pairs}, passed,
                  f"median ratio at least {BAR}", given.check)


if __name__ == "__main__":
    main()
