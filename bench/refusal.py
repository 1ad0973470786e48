"""A request for a model that can never fit: refused at once, and nothing is evicted for it.

The model is a header of 64 GiB whose weights are a hole in the file. Every refusal, the first with
its file never read before included, must take less than 50 ms.
"""

import json
import sys
import tempfile
from pathlib import Path

import report
from daemons import CHAT, CHAT_FILE, ROOT, Corral, models
from wire import Connection, post

sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))
from huge_model import write_huge_model  # noqa: E402

BAR = 0.050


def main() -> None:
    given = report.options(__doc__, requests=(100, "requests"))
    with tempfile.TemporaryDirectory(prefix="corral-bench-models-") as folder:
        Path(folder, CHAT_FILE).symlink_to(models() / CHAT_FILE)
        write_huge_model(Path(folder, "huge.gguf"))
        with Corral(Path(folder)) as corral, Connection(corral.address) as connection:
            corral.load(CHAT)
            request = post("/v1/chat/completions", {
                "model": "huge", "messages": [{"role": "user", "content": "Hello"}]})
            times = []
            for _ in range(given.requests):
                connection.open()
                answer = connection.ask(request)
                if answer.status != 422:
                    raise SystemExit(f"status {answer.status}: {answer.body[:500]!r}")
                times.append(answer.last_byte)
            evicted = corral.status()["totals"]["evictions"]
            still = corral.children().keys() == {CHAT_FILE}
    times_of = report.spread(times)
    report.table(
        ["refusal, ms", "first", "median", "p95", "slowest", "evicted"],
        [["can never fit", *(f"{value * 1000:.1f}" for value in (
            times[0], times_of["median"], times_of["p95"], max(times))), str(evicted)]])
    print(json.loads(answer.body)["error"]["message"])
    report.finish(
        "refusal", {"first": times[0], "slowest": max(times), **times_of, "evicted": evicted},
        max(times) < BAR and evicted == 0 and still,
        f"each under {BAR * 1000:g} ms, nothing evicted", given.check)


if __name__ == "__main__":
    main()
