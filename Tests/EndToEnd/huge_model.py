"""Writes GGUF files whose headers are real and whose weights are holes: they take no disk."""

import os

import gguf
import numpy as np


def write_huge_model(path, gibibytes=64):
    """A llama-shaped chat model of at least that many GiB, more than any budget of these tests."""
    width, feed_forward, vocabulary = 8192, 28672, 32000
    per_layer = 2 * (4 * width * width + 3 * width * feed_forward)
    layers = (gibibytes << 30) // per_layer + 1
    out = gguf.GGUFWriter(path, "llama")
    out.add_name("huge")
    out.add_block_count(layers)
    out.add_context_length(4096)
    out.add_embedding_length(width)
    out.add_feed_forward_length(feed_forward)
    out.add_head_count(64)
    out.add_head_count_kv(64)
    out.add_layer_norm_rms_eps(1e-5)
    out.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    out.add_tokenizer_model("llama")
    out.add_token_list([f"<{index}>" for index in range(vocabulary)])
    out.add_token_scores([0.0] * vocabulary)
    out.add_token_types([gguf.TokenType.NORMAL] * vocabulary)

    total = 0

    def tensor(name, *shape):
        nonlocal total
        size = 2 if len(shape) > 1 else 4
        for extent in shape:
            size *= extent
        kind = gguf.GGMLQuantizationType.F16 if len(shape) > 1 else gguf.GGMLQuantizationType.F32
        # The dtype is for the writer's own bookkeeping; the raw type is what the file says.
        out.add_tensor_info(name, list(shape), np.dtype("float16"), size, raw_dtype=kind)
        total += gguf.GGUFWriter.ggml_pad(size, out.data_alignment)

    tensor("token_embd.weight", vocabulary, width)
    tensor("output_norm.weight", width)
    tensor("output.weight", vocabulary, width)
    for layer in range(layers):
        block = f"blk.{layer}"
        tensor(f"{block}.attn_norm.weight", width)
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensor(f"{block}.{part}.weight", width, width)
        tensor(f"{block}.ffn_norm.weight", width)
        tensor(f"{block}.ffn_gate.weight", feed_forward, width)
        tensor(f"{block}.ffn_up.weight", feed_forward, width)
        tensor(f"{block}.ffn_down.weight", width, feed_forward)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_ti_data_to_file()
    out.close()
    header = os.path.getsize(path)
    os.truncate(path, header + out.data_alignment + total)
