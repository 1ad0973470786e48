"""Time to the first byte of an answer: a llama-server asked directly, and through Corral.

It is the very same process both times: Corral started it, and its unix socket is asked too. The
two are asked in turns, the first of each pair alternating, over one open connection each. What
counts is the difference within each pair; its median must be at most 1.5 ms.
"""


import report
from daemons import CHAT, CHAT_FILE, EMBED, Corral
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


def pairs(corral: Corral, file: str, request: bytes, count: int) -> list[tuple[float, float]]:
    """Seconds to the first byte, directly and through Corral."""
    with Connection(corral.socket(file)) as direct, Connection(corral.address) as through:
        def seconds(connection: Connection) -> float:
            connection.open()
            return connection.ask(request).checked().first_byte

        measured = []
        for index in range(-20, count):
            if index % 2:
                pair = (seconds(direct), seconds(through))
            else:
                pair = (seconds(through), seconds(direct))[::-1]
            if index >= 0:
                measured.append(pair)
        return measured


def main() -> None:
    given = report.options(__doc__, pairs=(300, "pairs of each request"))
    rows, results, passed = [], {}, True
    with Corral() as corral:
        for model in (CHAT, EMBED):
            corral.load(model)
        for name, file, request in CASES:
            measured = pairs(corral, file, request, given.pairs)
            direct, through, added = (
                report.spread(values) for values in (
                    [pair[0] for pair in measured], [pair[1] for pair in measured],
                    [pair[1] - pair[0] for pair in measured]))
            held = added["median"] <= BAR
            passed &= held
            results[name] = {"direct": direct, "corral": through, "added": added, "held": held}
            rows.append([name, *(
                f"{value * 1000:.2f}" for value in (
                    direct["median"], direct["p95"], through["median"], through["p95"],
                    added["median"], added["p25"], added["p75"]))])
    report.table(["first byte, ms", "direct", "p95", "Corral", "p95", "added", "p25", "p75"], rows)
    report.finish("latency", {"seconds": results, "pairs": given.pairs}, passed,
                  f"median added time at most {BAR * 1000:g} ms", given.check)


if __name__ == "__main__":
    main()
