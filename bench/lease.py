"""One lease and release of a model in memory, among 1 to 1,000 of them, in release mode.

Runs LeaseBenchmark of the package Benchmarks. The median must be at most 1 microsecond, and no
more than 1.3 times as long among 1,000 as alone. A baseline's program, of an older build, is run in
turns with it.
"""

import os
import statistics
import subprocess
from pathlib import Path

import report
from daemons import ROOT

BAR, FLAT = 1000, 1.3
BASELINE = (
    Path(os.environ["CORRAL_BASELINE_LEASE"]) if "CORRAL_BASELINE_LEASE" in os.environ else None)


def built() -> Path:
    """LeaseBenchmark of this checkout, in release mode."""
    command = ["swift", "build", "-c", "release", "--package-path", str(ROOT / "Benchmarks"),
               "--product", "LeaseBenchmark"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return ROOT / "Benchmarks" / ".build" / "release" / "LeaseBenchmark"


def measure(program: Path) -> dict[int, dict[str, float]]:
    """Nanoseconds, by the number of models in memory."""
    output = subprocess.run([program], check=True, stdout=subprocess.PIPE, text=True).stdout
    lines = [line.split() for line in output.splitlines()]
    return {int(words[0]): {"lease": float(words[1]), "actor": float(words[2])}
            for words in lines if len(words) == 4 and words[0].isdigit()}


def median(runs: list[dict[int, dict[str, float]]]) -> dict[int, dict[str, float]]:
    return {count: {key: statistics.median(run[count][key] for run in runs)
                    for key in ("lease", "actor")} for count in runs[0]}


def main() -> None:
    given = report.options(__doc__, runs=(3, "runs of each program, in turns"))
    programs = [built(), *([BASELINE] if BASELINE else [])]
    runs: list[list[dict]] = [[] for _ in programs]
    for turn in range(given.runs):
        for which, program in list(enumerate(programs))[::1 if turn % 2 == 0 else -1]:
            runs[which].append(measure(program))
    figures = [median(each) for each in runs]
    report.table(
        ["models in memory", "lease + release, ns", "counting actor, ns"],
        [[f"{count}{', baseline' if which else ''}", f"{of[count]['lease']:.0f}",
          f"{of[count]['actor']:.0f}"] for count in figures[0] for which, of in enumerate(figures)])

    def slowest(of: dict[int, dict[str, float]]) -> float:
        return max(figure["lease"] for figure in of.values())

    def growth(of: dict[int, dict[str, float]]) -> float:
        return of[max(of)]["lease"] / of[min(of)]["lease"]

    bases = (slowest(figures[1]), growth(figures[1])) if BASELINE else (None, None)
    passed = (report.holds(slowest(figures[0]), BAR, bases[0])
              and report.holds(growth(figures[0]), FLAT, bases[1]))
    results = {"corral": figures[0], **({"baseline": figures[1]} if BASELINE else {})}
    report.finish("lease", results, passed,
                  f"at most {BAR:,} ns, and 1,000 at most {FLAT} times as long as 1", given.check)


if __name__ == "__main__":
    main()
