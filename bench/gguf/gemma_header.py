#!/usr/bin/env python3
"""Writes a GGUF file with the header of a Gemma 3 270M: 262,144 tokens with scores and types.

The tensor data is a hole, so the file takes little more than its header on disk. `--merges` adds
the 514,906 merges that newer conversions (Gemma 4) carry. The same arguments give the same bytes.

    python3 gemma_header.py OUTPUT.gguf [--merges]

Needs the packages gguf and numpy.
"""

import argparse
import os
import random
import sys

import gguf
import numpy

TOKENS = 262_144
MERGES = 514_906
LAYERS = 18
WIDTH = 640
FEED_FORWARD = 2048
SCRIPTS = "abcdefghijklmnopqrstuvwxyz" * 6 + "éüñşßабвгдежзиклмнопрстуфхцчשלוםمرحبا你好世界日本語한국어"


def words(random_source, count):
    """Distinct strings of the lengths that vocabularies have: 8.8 bytes on average."""
    seen = set()
    while len(seen) < count:
        letters = random_source.choices(SCRIPTS, k=random_source.randint(2, 11))
        word = "▁" * random_source.randint(0, 1) + "".join(letters)
        if word not in seen:
            seen.add(word)
            yield word


def metadata(writer, merges):
    source = random.Random(20_240_612)
    prefix = "gemma3"
    writer.add_name("Gemma 3 270m It")
    writer.add_uint32(f"{prefix}.context_length", 32_768)
    writer.add_uint32(f"{prefix}.embedding_length", WIDTH)
    writer.add_uint32(f"{prefix}.block_count", LAYERS)
    writer.add_uint32(f"{prefix}.feed_forward_length", FEED_FORWARD)
    writer.add_uint32(f"{prefix}.attention.head_count", 4)
    writer.add_uint32(f"{prefix}.attention.head_count_kv", 1)
    writer.add_uint32(f"{prefix}.attention.key_length", 256)
    writer.add_uint32(f"{prefix}.attention.value_length", 256)
    writer.add_uint32(f"{prefix}.attention.sliding_window", 512)
    writer.add_float32(f"{prefix}.rope.freq_base", 1_000_000.0)
    writer.add_tokenizer_model("llama")
    tokens = ["<pad>", "<eos>", "<bos>", "<unk>"]
    tokens += [f"<unused{index}>" for index in range(6_238)]
    tokens += list(words(source, TOKENS - len(tokens)))
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(index) for index in range(TOKENS)])
    writer.add_token_types([source.choice((1, 1, 1, 3, 4, 6)) for _ in range(TOKENS)])
    if merges:
        whole = source.choices([token for token in tokens if len(token) > 1], k=MERGES)
        cuts = (source.randint(1, len(token) - 1) for token in whole)
        writer.add_token_merges([f"{token[:cut]} {token[cut:]}" for token, cut in zip(whole, cuts)])
    writer.add_bos_token_id(2)
    writer.add_eos_token_id(1)
    writer.add_chat_template("{{ bos_token }}{% for message in messages %}…{% endfor %}" * 30)
    writer.add_quantization_version(2)


def tensors(writer):
    f32 = gguf.GGMLQuantizationType.F32
    q8_0 = gguf.GGMLQuantizationType.Q8_0

    def add(name, shape, kind):
        block, size = gguf.GGML_QUANT_SIZES[kind]
        count = int(numpy.prod(shape)) // block * size
        # The writer takes the shape in bytes of a quantized tensor's rows.
        stored = shape if kind == f32 else [*shape[:-1], shape[-1] // block * size]
        dtype = numpy.float32 if kind == f32 else numpy.uint8
        writer.add_tensor_info(name, stored, numpy.dtype(dtype), count, raw_dtype=kind)
        return (count + 31) // 32 * 32

    total = add("token_embd.weight", [TOKENS, WIDTH], q8_0)
    total += add("output_norm.weight", [WIDTH], f32)
    for layer in range(LAYERS):
        for name in ("attn_norm", "ffn_norm", "post_attention_norm", "post_ffw_norm"):
            total += add(f"blk.{layer}.{name}.weight", [WIDTH], f32)
        for name in ("attn_q_norm", "attn_k_norm"):
            total += add(f"blk.{layer}.{name}.weight", [256], f32)
        total += add(f"blk.{layer}.attn_q.weight", [1024, WIDTH], q8_0)
        total += add(f"blk.{layer}.attn_k.weight", [256, WIDTH], q8_0)
        total += add(f"blk.{layer}.attn_v.weight", [256, WIDTH], q8_0)
        total += add(f"blk.{layer}.attn_output.weight", [WIDTH, 1024], q8_0)
        total += add(f"blk.{layer}.ffn_gate.weight", [FEED_FORWARD, WIDTH], q8_0)
        total += add(f"blk.{layer}.ffn_up.weight", [FEED_FORWARD, WIDTH], q8_0)
        total += add(f"blk.{layer}.ffn_down.weight", [WIDTH, FEED_FORWARD], q8_0)
    return total


def write(path, merges):
    """Writes the file and returns the bytes of its header."""
    writer = gguf.GGUFWriter(path, "gemma3")
    metadata(writer, merges)
    data_bytes = tensors(writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    header = (os.path.getsize(path) + 31) // 32 * 32
    os.truncate(path, header + data_bytes)
    return header


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output")
    parser.add_argument("--merges", action="store_true")
    options = parser.parse_args()
    print(f"header: {write(options.output, options.merges):,} bytes", file=sys.stderr)
