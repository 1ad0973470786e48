"""The largest context that fits, asked of llama.cpp itself: how long the search takes.

`corral plan --layer dry-run` over models and memories between what the smallest context takes and
what the largest does. The vocabulary's load is not counted; a search must take at most 150 ms.
`--fixtures DIR` adds the headers in a folder to the three small models.
"""

import argparse
import json
import os
import subprocess
from pathlib import Path

import report
from daemons import CORRAL

BAR = 150


def plan(path: Path, *arguments: object) -> dict:
    command = [str(CORRAL), "plan", str(path), "--json", "--parallel", "1", *map(str, arguments)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(told.stdout) if told.returncode == 0 else {}


def searches(path: Path, memories: int) -> list[dict]:
    """The searches of one model, each in another memory; none where it does not chat."""
    least, most = (plan(path, "--context", tokens) for tokens in (512, 1 << 17))
    trained = least.get("training_context") or 0
    if least.get("role") != "chat" or not trained or not most:
        return []
    most = plan(path, "--context", min(trained, 1 << 17))
    low, high = (answer["domains"]["host"] for answer in (least, most))
    found = []
    for part in range(memories):
        memory = low + (high - low) * part // max(1, memories - 1)
        asked = plan(path, "--layer", "dry-run", "--context", 512, "--memory", f"{memory}B")
        if asked.get("search"):
            found.append({"model": path.name, **asked["search"]})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="exit with 1 above the bar")
    parser.add_argument("--memories", type=int, default=6, help="of each model (default 6)")
    parser.add_argument("--fixtures", type=Path, help="a folder of GGUF headers")
    given = parser.parse_args()
    paths = sorted(Path(os.environ["CORRAL_MODELS"]).glob("*.gguf"))
    if given.fixtures:
        paths += sorted(given.fixtures.rglob("*.gguf"))
    found = [search for path in paths for search in searches(path, given.memories)]
    times = [search["milliseconds"] for search in found]
    slowest = max(found, key=lambda search: search["milliseconds"])
    report.table(["searches", "median, ms", "p95", "slowest", "probes", "of"], [[
        f"{len(found)}", f"{report.spread(times)['median']:.1f}", f"{report.spread(times)['p95']:.1f}",
        f"{slowest['milliseconds']:.1f}", f"{max(search['probes'] for search in found)}",
        slowest["model"]]])
    report.finish("search", {"milliseconds": report.spread(times), "slowest": slowest},
                  max(times) <= BAR, f"each at most {BAR} ms", given.check)


if __name__ == "__main__":
    main()
