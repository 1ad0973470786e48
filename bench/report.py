"""What every benchmark prints: a table for people, a line of JSON for programs, a verdict."""

import argparse
import json
import math
import statistics
import sys
from collections.abc import Sequence


def options(doc: str, **counts: tuple[int, str]) -> argparse.Namespace:
    """Reads the command line: `--check`, and a number for each of `counts`."""
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="exit with 1 below the bar")
    for name, (standard, text) in counts.items():
        parser.add_argument(f"--{name}", type=int, default=standard, metavar="N",
                            help=f"{text} (default {standard})")
    return parser.parse_args()


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank: the least value that `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(1, math.ceil(len(ordered) * share)) - 1]


def spread(values: Sequence[float]) -> dict[str, float]:
    """The median with the quartiles and the 95th percentile, which say how noisy it is."""
    return {
        "median": statistics.median(values),
        "p25": percentile(values, 0.25),
        "p75": percentile(values, 0.75),
        "p95": percentile(values, 0.95),
    }


def holds(value: float, bar: float, baseline: float | None, *, at_most: bool = True) -> bool:
    """Whether a bar is held.

    Where a baseline was measured in the same run and missed the bar too, the machine is slower than
    the one that the bar was set on: then the value may be at most 2 % worse than the baseline's.
    """
    def within(value: float, limit: float) -> bool:
        return value <= limit if at_most else value >= limit

    if within(value, bar) or baseline is None or within(baseline, bar):
        return within(value, bar)
    return within(value, baseline * (1.02 if at_most else 0.98))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]
    for row in [heads, *rows]:
        first, *others = (
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths)))
        print("  ".join([first, *others]).rstrip())


def finish(name: str, results: object, passed: bool, bar: str, check: bool) -> None:
    """Prints the verdict and the line of JSON, and ends the program."""
    print(f"bar: {bar}: {'held' if passed else 'MISSED'}")
    print(json.dumps({"benchmark": name, "passed": passed, "bar": bar, "results": results}))
    sys.exit(1 if check and not passed else 0)
