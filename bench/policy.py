"""What deciding costs: one decision among 10 to 100 models, and the replay of 26,000 requests.

Runs PolicyBenchmark of the package Benchmarks. A decision among 100 models must take at most 100
microseconds at the median, and the replay at most 2 seconds, with every policy.
"""

import subprocess

import report
from daemons import ROOT

DECISION, REPLAY = 100, 2


def main() -> None:
    given = report.options(__doc__)
    command = ["swift", "run", "-c", "release", "--package-path", str(ROOT / "Benchmarks"),
               "PolicyBenchmark"]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    lines = [line.split() for line in output.splitlines()]
    decisions = [{"residents": int(words[1]), "policy": words[2], "microseconds": float(words[3])}
                 for words in lines if words[0] == "decision" and words[1].isdigit()]
    replays = [{"requests": int(words[1]), "policy": words[2], "seconds": float(words[3]),
                "load_seconds": int(words[4])}
               for words in lines if words[0] == "replay" and words[1].isdigit()]
    report.table(["a decision", "policy", "microseconds"],
                 [[f"among {row['residents']}", row["policy"], f"{row['microseconds']:.1f}"]
                  for row in decisions])
    report.table(["a replay", "policy", "seconds", "load seconds"],
                 [[f"{row['requests']:,} requests", row["policy"], f"{row['seconds']:.2f}",
                   f"{row['load_seconds']:,}"] for row in replays])
    report.finish(
        "policy", {"decisions": decisions, "replays": replays},
        all(row["microseconds"] <= DECISION for row in decisions)
        and all(row["seconds"] <= REPLAY for row in replays),
        f"at most {DECISION} microseconds and {REPLAY} seconds", given.check)


if __name__ == "__main__":
    main()
