#!/usr/bin/env python3
"""Times a command that reads a GGUF header against the reader of the package gguf, in one run.

    python3 compare.py [--merges] [--file MODEL.gguf] [--rounds N] [--bar 2000] -- COMMAND …

`{file}` and `{rounds}` in COMMAND become the file and the number of rounds; without `{file}` the
file's path is its last argument. COMMAND prints JSON with `seconds`, the median of the times it
measured around opening the file and reading its header, or else the whole process is timed, start
included. Without `--file` the header is a generated Gemma's (gemma_header.py). Both readers find
the file in the page cache. The exit status is 1 where the ratio is below the bar, or where both
readers do not find the same tensors (where the command prints `tensors` and `tensorBytes`).

Needs the packages gguf and numpy.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import gguf

import gemma_header


def reference(path, rounds):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        reader = gguf.GGUFReader(path)
        times.append(time.perf_counter() - start)
    total = sum(int(tensor.n_bytes) for tensor in reader.tensors)
    return statistics.median(times), len(reader.tensors), total, int(reader.data_offset)


def candidate(command, path, rounds):
    given = [part.replace("{file}", path).replace("{rounds}", str(rounds)) for part in command]
    if not any("{file}" in part for part in command):
        given.append(path)
    start = time.perf_counter()
    output = subprocess.run(given, check=True, capture_output=True, text=True).stdout
    whole = time.perf_counter() - start
    try:
        facts = json.loads(output)
    except ValueError:
        facts = {}
    return (facts.get("seconds") or whole), facts


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], usage="compare.py [options] -- COMMAND …")
    parser.add_argument("--file")
    parser.add_argument("--merges", action="store_true", help="a header with merges")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--reference-rounds", type=int, default=3)
    parser.add_argument("--bar", type=float, default=2000)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.file or os.path.join(folder, "gemma.gguf")
        if not options.file:
            gemma_header.write(path, options.merges)
        theirs, count, total, header = reference(path, options.reference_rounds)
        ours, facts = candidate(options.command, path, options.rounds)
    ratio = theirs / ours
    print(f"header    {header:>14,} bytes, {count} tensors")
    print(f"reference {theirs * 1000:>14,.1f} ms  (package gguf, median of {options.reference_rounds})")
    measured = "as it measured itself" if facts.get("seconds") else "the whole process"
    print(f"command   {ours * 1000:>14,.3f} ms  ({measured})")
    print(f"ratio     {ratio:>14,.0f}     (bar {options.bar:,.0f})")
    agreed = facts.get("tensors", count) == count and facts.get("tensorBytes", total) == total
    if not agreed:
        print("the two readers do not find the same tensors", file=sys.stderr)
    sys.exit(0 if agreed and ratio >= options.bar else 1)


if __name__ == "__main__":
    main()
