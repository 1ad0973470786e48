"""Time to the first byte of an answer: a llama-server asked directly, and through Corral.

It is the very same process both times: Corral started it, and its unix socket is asked too. The
two are asked in turns, the first of each pair alternating, over one open connection each. What
counts is the difference within each pair; its median must be at most 1.5 ms. A baseline, an older
build of Corral with a process of its own, is asked in the same rounds.
"""

import contextlib

import report
from daemons import BASELINE, CHAT, CHAT_FILE, CORRAL, EMBED, Corral
from wire import Connection, post

BAR = 0.0015
EMBED_FILE = "all-MiniLM-L6-v2.F16.gguf"


def chat(**more: object) -> bytes:
    return post("/v1/chat/completions", {
        "model": CHAT, "max_tokens": 1, "temperature": 0,
        "messages": [{"role": "user", "content": "Why do llamas hum?"}], **more})


CASES = [
    ("chat, one token", CHAT_FILE, chat()),
    ("chat, streamed", CHAT_FILE, chat(stream=True)),
    ("embedding", EMBED_FILE, post("/v1/embeddings", {"model": EMBED, "input": "a llama hums"})),
]


def added(servers: list[Corral], file: str, request: bytes, count: int) -> list[list[dict]]:
    """Seconds to the first byte, directly and through each server, in rounds."""
    with contextlib.ExitStack() as stack:
        connections = [
            (stack.enter_context(Connection(server.socket(file))),
             stack.enter_context(Connection(server.address))) for server in servers]

        def seconds(connection: Connection) -> float:
            connection.open()
            return connection.ask(request).checked().first_byte

        def pair(index: int, direct: Connection, through: Connection) -> dict:
            first, second = (direct, through) if index % 2 else (through, direct)
            times = {first: seconds(first), second: seconds(second)}
            return {"direct": times[direct], "through": times[through],
                    "added": times[through] - times[direct]}

        rounds = []
        for index in range(-20, count):
            # Every other round, the baseline goes first.
            order = list(enumerate(connections))[::1 if index % 4 < 2 else -1]
            measured = {which: pair(index, *both) for which, both in order}
            if index >= 0:
                rounds.append([measured[which] for which in range(len(servers))])
        return rounds


def main() -> None:
    given = report.options(__doc__, pairs=(300, "pairs of each request"))
    programs = [CORRAL, *([BASELINE] if BASELINE else [])]
    rows, results, passed = [], {}, True
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(Corral(program=program)) for program in programs]
        for server in servers:
            for model in (CHAT, EMBED):
                server.load(model)
        for name, file, request in CASES:
            rounds = added(servers, file, request, given.pairs)
            figures = [
                {key: report.spread([each[which][key] for each in rounds])
                 for key in ("direct", "through", "added")} for which in range(len(servers))]
            base = figures[1]["added"]["median"] if BASELINE else None
            held = report.holds(figures[0]["added"]["median"], BAR, base)
            passed &= held
            results[name] = {**figures[0], "held": held}
            for which, figure in enumerate(figures):
                rows.append([f"{name}{', baseline' if which else ''}", *(
                    f"{value * 1000:.2f}" for value in (
                        figure["direct"]["median"], figure["direct"]["p95"],
                        figure["through"]["median"], figure["through"]["p95"],
                        figure["added"]["median"], figure["added"]["p25"],
                        figure["added"]["p75"]))])
            if BASELINE:
                results[name]["baseline"] = figures[1]
                results[name]["more than the baseline"] = report.spread(
                    [each[0]["added"] - each[1]["added"] for each in rounds])
    report.table(["first byte, ms", "direct", "p95", "Corral", "p95", "added", "p25", "p75"], rows)
    report.finish("latency", {"seconds": results, "pairs": given.pairs}, passed,
                  f"median added time at most {BAR * 1000:g} ms", given.check)


if __name__ == "__main__":
    main()
