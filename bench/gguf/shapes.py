#!/usr/bin/env python3
"""Writes the headers of models, and what llama.cpp says they take, as a short text.

    bench/gguf/shapes.py FOLDER NAME... > Tests/CorralPlannerTests/Fixtures/shapes.txt

FOLDER has headers.tar.gz, the beginnings of GGUF files, and truth.json, the bytes llama.cpp reports
for several configurations of each. Lines of the text:

    config NAME key=value…
    model NAME FILE_BYTES
    key NAME TYPE VALUE…                  an array where the type ends in []
    tensor TYPE NAME LAYERS DIMENSION…    # in the name stands for the layer, of LAYERS such as 0-3,7
    truth CONFIG N_CTX N_CTX_SEQ FUSED OUTPUT BUFFER:MODEL:CONTEXT:COMPUTE…
"""

import json
import re
import struct
import sys
import tarfile
from pathlib import Path

FORMATS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q",
           12: "d"}
TYPES = {0: "uint8", 1: "int8", 2: "uint16", 3: "int16", 4: "uint32", 5: "int32", 6: "float32",
         7: "bool", 8: "string", 10: "uint64", 11: "int64", 12: "float64"}
# Names and the like, which no plan depends on.
LEFT_OUT = re.compile(r"general\.(?!architecture|file_type)|tokenizer\.ggml\.(?!model)")


class Reader:
    """A GGUF header, field by field."""

    def __init__(self, data):
        self.data, self.place = data, 8

    def number(self, code):
        value, = struct.unpack_from("<" + code, self.data, self.place)
        self.place += struct.calcsize("<" + code)
        return value

    def string(self):
        length = self.number("Q")
        self.place += length
        return self.data[self.place - length:self.place].decode("utf-8", "replace")

    def value(self, kind):
        if kind == 8:
            return TYPES[8], self.string()
        if kind == 9:
            inner, count = self.number("I"), self.number("Q")
            return TYPES[inner] + "[]", [self.value(inner)[1] for _ in range(count)]
        return TYPES[kind], self.number(FORMATS[kind])


def ranges(layers):
    """0,1,2,5 as 0-2,5."""
    runs = []
    for layer in layers:
        if runs and layer == runs[-1][1] + 1:
            runs[-1][1] = layer
        else:
            runs.append([layer, layer])
    return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in runs)


def text(value):
    if isinstance(value, list):
        return " ".join(text(item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def describe(name, data, file_bytes, cells):
    reader = Reader(data)
    tensors, keys = reader.number("Q"), reader.number("Q")
    print(f"model {name} {file_bytes}")
    for _ in range(keys):
        key = reader.string()
        kind, value = reader.value(reader.number("I"))
        if not LEFT_OUT.match(key):
            print("key", key, kind, text(value))
    rows = {}
    for _ in range(tensors):
        tensor = reader.string()
        sizes = [reader.number("Q") for _ in range(reader.number("I"))]
        kind = reader.number("I")
        reader.number("Q")
        match = re.fullmatch(r"blk\.(\d+)\.(.*)", tensor)
        place = f"blk.#.{match[2]}" if match else tensor
        rows.setdefault((kind, place, *sizes), []).append(int(match[1]) if match else -1)
    for (kind, place, *sizes), layers in rows.items():
        listed = "-" if layers == [-1] else ranges(sorted(layers))
        print("tensor", kind, place, listed, *sizes)
    for label, cell in sorted(cells.items()):
        if "buffers" in cell:
            buffers = (f"{buffer}:{b['model']}:{b['context']}:{b['compute']}"
                       for buffer, b in sorted(cell["buffers"].items()))
            print("truth", label, cell["n_ctx"], cell["n_ctx_seq"], cell["fa"], cell["output"],
                  *buffers)


def main():
    folder, names = Path(sys.argv[1]), sys.argv[2:]
    truth = json.loads((folder / "truth.json").read_text())
    print(f"# What llama.cpp b{truth['llama_cpp_build']} says on x86-64 with AVX-512, CPU backend.")
    print("# Written by bench/gguf/shapes.py, which describes the lines.")
    for label, options in sorted(truth["configs"].items()):
        print("config", label, *(f"{key}={value}" for key, value in sorted(options.items())))
    with tarfile.open(folder / "headers.tar.gz") as archive:
        for name in names:
            member = next(item for item in archive if Path(item.name).name == name)
            describe(name, archive.extractfile(member).read(), truth["file_bytes"][name],
                     truth["truth"][name])


if __name__ == "__main__":
    main()
