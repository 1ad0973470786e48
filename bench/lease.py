"""One lease and release of a model in memory, among 1 to 1,000 of them, in release mode.

Runs LeaseBenchmark of the package Benchmarks. The median must be at most 1 microsecond, and no
more than 1.3 times as long among 1,000 as alone.
"""

import subprocess

import report
from daemons import ROOT

BAR, FLAT = 1000, 1.3


def main() -> None:
    given = report.options(__doc__)
    command = ["swift", "run", "-c", "release", "--package-path", str(ROOT / "Benchmarks"),
               "LeaseBenchmark"]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    lines = [line.split() for line in output.splitlines()]
    figures = {int(words[0]): {"lease": float(words[1]), "actor": float(words[2])}
               for words in lines if len(words) == 4 and words[0].isdigit()}
    report.table(
        ["models in memory", "lease + release, ns", "counting actor, ns"],
        [[f"{count}", f"{figure['lease']:.0f}", f"{figure['actor']:.0f}"]
         for count, figure in figures.items()])
    leases = [figures[count]["lease"] for count in sorted(figures)]
    report.finish(
        "lease", figures, max(leases) <= BAR and leases[-1] <= leases[0] * FLAT,
        f"at most {BAR:,} ns, and 1,000 at most {FLAT} times as long as 1", given.check)


if __name__ == "__main__":
    main()
