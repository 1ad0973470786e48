"""How long `corral simulate` takes for 26,000 requests, reading its files included.

The requests are made here, with the same seed each time: sixty models of a few sizes, whose
popularity is skewed and shifts, in a budget for a quarter of them. Each policy must take less than
2 seconds, untimed and timed.
"""

import gzip
import json
import random
import subprocess
import tempfile
import time
from pathlib import Path

import report
from daemons import CORRAL

BAR = 2.0
REQUESTS, MODELS = 26_000, 60


def write(folder: Path) -> int:
    """Writes a workload; returns a budget for a quarter of its models."""
    chance = random.Random(26)
    sizes = [chance.choice([0.2, 0.8, 2, 5, 9, 18]) * 1e9 for _ in range(MODELS)]
    models = ["model,name,resident_bytes,load_s_linear"] + [
        f"{index},model-{index},{int(size)},{0.8 + 0.4 * size / 1e9:.4f}"
        for index, size in enumerate(sizes)]
    (folder / "models.csv").write_text("\n".join(models) + "\n")
    now, lines = 0.0, ["time_s,model,service_s"]
    order = list(range(MODELS))
    for number in range(REQUESTS):
        if number % 2000 == 0:
            chance.shuffle(order)
        now += chance.expovariate(1 / 45)
        rank = min(MODELS - 1, int(chance.paretovariate(0.9)) - 1)
        lines.append(f"{now:.2f},{order[rank]},{chance.expovariate(1 / 8):.2f}")
    (folder / "requests.csv.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    return int(sum(sizes) / 4)


def main() -> None:
    given = report.options(__doc__, runs=(5, "runs of each"))
    rows, slowest, results = [], 0.0, {}
    with tempfile.TemporaryDirectory(prefix="corral-bench-") as name:
        folder = Path(name)
        budget = write(folder)
        for policy in ("value", "lru", "offline"):
            for mode in ("--untimed", "--patience=600"):
                command = [
                    str(CORRAL), "simulate", "--requests", str(folder / "requests.csv.gz"),
                    "--models", str(folder / "models.csv"), "--budget", str(budget),
                    "--policy", policy, mode, "--json"]
                times = []
                for _ in range(given.runs):
                    start = time.perf_counter()
                    done = subprocess.run(command, check=True, capture_output=True)
                    times.append(time.perf_counter() - start)
                row = json.loads(done.stdout)["results"][0]
                assert row["requests"] == REQUESTS
                kind = "untimed" if mode == "--untimed" else "timed"
                spread = report.spread(times)
                results[f"{policy} {kind}"] = spread
                slowest = max(slowest, spread["median"])
                rows.append([f"{policy}, {kind}", f"{spread['median']:.2f}", f"{max(times):.2f}",
                             str(row["loads"])])
    report.table([f"{REQUESTS:,} requests, s", "median", "longest", "loads"], rows)
    report.finish("simulate", results, slowest < BAR, f"each median under {BAR:g} s", given.check)


if __name__ == "__main__":
    main()
