#!/usr/bin/env python3
"""How near plans are to what llama.cpp says: Corral's, and the formulas of others.

    bench/plan_accuracy.py --corral .build/release/corral --fixtures DIR

The fixtures are headers of GGUF files and, in truth.json, the bytes llama.cpp reports for several
configurations of each. The truth is the sum of all its buffers and the output buffer; every formula
is given the same header and the same configuration. What a formula has no notion of, such as the
batch, it is not given. Formulas are compared over the shapes of real models alone.

    corral      `corral plan --json`: the buffers and the output
    flat        file x 1.1 + context x 2,048 bytes: what is often called
    metadata    file x 1.1 + context x layers x KV heads x (key + value length) x 2 bytes
    ollama      file + 2 x layers x fewest KV heads x (width / heads) x context x 2 bytes
    llama fit   llama.cpp's own --fit: the buffers it counts, which leave out repacked weights and
                the output buffer (common/fit.cpp)
"""

import argparse
import json
import statistics
import struct
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

FORMATS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q",
           12: "d"}


def metadata(path):
    """The metadata of a GGUF header; of arrays of strings only how many there are."""
    data = path.read_bytes()
    place = 8

    def number(code):
        nonlocal place
        value, = struct.unpack_from("<" + code, data, place)
        place += struct.calcsize(code)
        return value

    def string():
        nonlocal place
        length = number("Q")
        place += length
        return data[place - length:place].decode("utf-8", "replace")

    def value(kind):
        if kind == 8:
            return string()
        if kind == 9:
            inner, count = number("I"), number("Q")
            items = [value(inner) for _ in range(count)]
            return len(items) if inner == 8 else items
        return number(FORMATS[kind])

    _, count = number("Q"), number("Q")
    return {string(): value(number("I")) for _ in range(count)}


class Model:
    """What the formulas of others look at."""

    def __init__(self, path, file_bytes):
        keys = metadata(path)
        self.file = file_bytes
        name = keys["general.architecture"]

        def key(suffix, otherwise=0):
            return keys.get(f"{name}.{suffix}", otherwise)

        self.layers, self.width = key("block_count"), key("embedding_length")
        heads, kv = key("attention.head_count"), key("attention.head_count_kv", None)
        self.is_listed = isinstance(kv, list)
        self.heads = max(heads) if isinstance(heads, list) else heads
        kv = heads if kv is None else kv
        self.kv = kv
        self.head = self.width // self.heads if self.heads else 0
        self.key = key("attention.key_length", self.head)
        self.value = key("attention.value_length", self.head)

    def flat(self, context):
        return self.file * 1.1 + context * 2048

    def metadata(self, context):
        if self.is_listed or not self.heads:
            # What has no one number of KV heads is taken for the flat rate.
            return self.flat(context)
        return self.file * 1.1 + context * self.layers * self.kv * (self.key + self.value) * 2

    def ollama(self, context):
        kv = min(self.kv) if self.is_listed else self.kv
        return self.file + 2 * self.layers * kv * self.head * context * 2


def flags(configuration):
    c = configuration
    yield from ("--context", c["c"], "--batch", c["b"], "--ubatch", c["ub"], "--parallel", c["np"])
    yield "--kv-unified" if c["kvu"] else "--no-kv-unified"
    yield from ("--flash-attn", c["fa"], "--cache-type-k", c["ctk"], "--cache-type-v", c["ctv"])
    yield from ("--outputs", c["no"], "--load-mode", "copied")
    if c.get("emb"):
        yield "--embedding"


def total(cell):
    return cell["output"] + sum(sum(buffer.values()) for buffer in cell["buffers"].values())


def exact(plan, truth):
    """Whether weights, caches and states, and the output are equal to the byte."""
    if plan["output"] != truth["output"] or plan["buffers"].keys() != truth["buffers"].keys():
        return False
    return all(plan["buffers"][name][part] == buffer[part]
               for name, buffer in truth["buffers"].items() for part in ("model", "context"))


def percent(value):
    return f"{value:+.1%}".replace("%", " %")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corral", default=".build/release/corral")
    parser.add_argument("--fixtures", required=True, type=Path)
    parser.add_argument("--only", default="", help="files whose name contains this")
    parser.add_argument("--layer", default="analytic", choices=["analytic", "dry-run"])
    options = parser.parse_args()
    truth = json.loads((options.fixtures / "truth.json").read_text())
    errors, shapes, inexact, compute = {}, {}, [], []
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(options.fixtures / "headers.tar.gz") as archive:
            archive.extractall(folder, filter="data")
        for name, cells in sorted(truth["truth"].items()):
            if options.only not in name:
                continue
            path, size = Path(folder, name), truth["file_bytes"][name]
            model = Model(path, size)
            for label, cell in sorted(cells.items()):
                if "buffers" not in cell:
                    continue
                asked = flags(truth["configs"][label])
                told = subprocess.run(
                    [options.corral, "plan", str(path), "--json", "--layer", options.layer,
                     *map(str, asked)], capture_output=True, text=True, check=False)
                if told.returncode != 0:
                    sys.exit(f"{name} {label}: {told.stderr}")
                plan = json.loads(told.stdout)
                if not exact(plan, cell):
                    inexact.append(f"{name} {label}")
                right, context = total(cell), cell["n_ctx"]
                repacked = cell["buffers"].get("CPU_REPACK", {}).get("model", 0)
                claims = {
                    "corral": total(plan), "flat": model.flat(context),
                    "metadata": model.metadata(context), "ollama": model.ollama(context),
                    "llama fit": right - repacked - cell["output"]}
                compute.append((total(plan) - right) / right)
                # Random weights of a few kilobytes say nothing about formulas for real models.
                for method, claim in claims.items() if name.startswith("shape-") else ():
                    error = (claim - right) / right
                    errors.setdefault(method, []).append(error)
                    if label == "single":
                        shapes.setdefault(name, {"truth": right})[method] = error
    methods = list(errors)
    count = len(compute)
    print(f"{count} configurations of {len(truth['truth'])} files, llama.cpp "
          f"b{truth['llama_cpp_build']}: weights, caches, states and output equal to the byte in "
          f"{count - len(inexact)}; the whole plan {percent(min(compute))} to "
          f"{percent(max(compute))} of the truth, median {percent(statistics.median(compute))}\n")
    print("| formula | median error | within 5 % | more than 5 % under | worst under | worst over |")
    print("|---|---|---|---|---|---|")
    for method in methods:
        values = errors[method]
        near = sum(abs(error) <= 0.05 for error in values) / len(values)
        under = sum(error < -0.05 for error in values) / len(values)
        median = statistics.median(abs(error) for error in values)
        print(f"| {method} | {median:.1%} | {near:.0%} | {under:.0%} | {percent(min(values))} | "
              f"{percent(max(values))} |".replace("%", " %").replace("  %", " %"))
    if shapes:
        print("\n| model, 4,096 tokens | truth | " + " | ".join(methods) + " |")
        print("|---|---|" + "---|" * len(methods))
        for name, row in shapes.items():
            size = f"{row['truth'] / 2**20:,.0f} MiB"
            cells = " | ".join(percent(row[method]) for method in methods)
            print(f"| {name.removeprefix('shape-').removesuffix('.gguf')} | {size} | {cells} |")
    for place in inexact:
        print(f"not exact: {place}", file=sys.stderr)
    sys.exit(1 if inexact or min(compute) < 0 or max(compute) > 0.06 else 0)


if __name__ == "__main__":
    main()
