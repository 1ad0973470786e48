"""Reading the header of a model with 262,144 tokens: Corral against the PyPI package gguf.

Runs gguf/compare.py on `corral inspect`; the ratio of the times must be at least 2,000.
"""

import re
import subprocess
import sys

import report
from daemons import CORRAL, ROOT

BAR = 2000


def main() -> None:
    given = report.options(__doc__, rounds=(50, "times Corral reads it"))
    run = subprocess.run(
        [sys.executable, str(ROOT / "bench" / "gguf" / "compare.py"), "--bar", "0",
         "--rounds", str(given.rounds), "--", str(CORRAL), "inspect", "--json", "--time",
         "{rounds}", "{file}"], check=True, stdout=subprocess.PIPE, text=True)
    print(run.stdout, end="")
    times = {name: float(value.replace(",", "")) for name, value in re.findall(
        r"^(reference|command|ratio) +([\d,.]+)", run.stdout, re.MULTILINE)}
    report.finish(
        "header", {"seconds": {"gguf": times["reference"] / 1000,
                               "corral": times["command"] / 1000}, "ratio": times["ratio"]},
        times["ratio"] >= BAR, f"ratio at least {BAR:,}", given.check)


if __name__ == "__main__":
    main()
