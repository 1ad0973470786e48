#!/usr/bin/env python3
"""Writes all-MiniLM-L6-v2 as GGUF, without torch: as an embedding model or as a test reranker.

The embedding model is the published one. The reranker is not: it is the same encoder under a
classification head of random weights (fixed seed). Its scores are well-formed, differ from document
to document and mean nothing; it exists to prove the mechanics of reranking, and its name says so.

Equal input gives equal output, byte for byte, so setup-models.sh can check a digest.
"""

import argparse
import json
import random
import sys
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import load_file

# Names of the tensors outside the layers and inside them, in the checkpoint and in the GGUF file.
# https://github.com/ggml-org/ggml/blob/master/docs/gguf.md#standardized-tensor-names
OUTSIDE = {
    "embeddings.word_embeddings.weight": "token_embd.weight",
    "embeddings.token_type_embeddings.weight": "token_types.weight",
    "embeddings.position_embeddings.weight": "position_embd.weight",
    "embeddings.LayerNorm": "token_embd_norm",
}
INSIDE = {
    "attention.self.query": "attn_q",
    "attention.self.key": "attn_k",
    "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down",
    "output.LayerNorm": "layer_output_norm",
}
# llama.cpp adds these two rows in 32 bits whatever the file's type is.
ALWAYS_F32 = {"token_types.weight", "position_embd.weight"}
RERANKER_SEED = 20_250_611


def renamed(layers):
    """(name in the checkpoint, name in the GGUF file) of every tensor, in file order."""
    for old, new in OUTSIDE.items():
        if old.endswith(".weight"):
            yield old, new
        else:
            yield from ((f"{old}.{part}", f"{new}.{part}") for part in ("weight", "bias"))
    for layer in range(layers):
        for old, new in INSIDE.items():
            for part in ("weight", "bias"):
                yield f"encoder.layer.{layer}.{old}.{part}", f"blk.{layer}.{new}.{part}"


def vocabulary(path):
    """Tokens as llama.cpp's WordPiece wants them: a word's first piece begins with U+2581."""
    special = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
    tokens, types = [], []
    for piece in path.read_text(encoding="utf-8").split("\n")[:-1]:
        if piece in special or (piece.startswith("[unused") and piece.endswith("]")):
            tokens.append(piece)
            unused = piece.startswith("[unused")
            types.append(gguf.TokenType.UNUSED if unused else gguf.TokenType.CONTROL)
        else:
            tokens.append(piece[2:] if piece.startswith("##") else "\u2581" + piece)
            types.append(gguf.TokenType.NORMAL)
    return tokens, types


def random_head(width):
    """A rank head: a dense layer with tanh, then one output; uniform, scaled by 1 / sqrt(width)."""
    numbers = random.Random(RERANKER_SEED)
    bound = (3 / width) ** 0.5

    def uniform(*shape):
        count = int(np.prod(shape))
        values = [numbers.random() * 2 * bound - bound for _ in range(count)]
        return np.array(values, dtype=np.float32).reshape(shape)

    yield "cls.weight", uniform(width, width)
    yield "cls.bias", uniform(width)
    yield "cls.output.weight", uniform(1, width) * 8
    yield "cls.output.bias", uniform(1)


def write(source, target, reranker):
    config = json.loads((source / "config.json").read_text())
    if config["architectures"] != ["BertModel"] or config["hidden_act"] != "gelu":
        sys.exit(f"error: {source} holds no plain BERT encoder")
    checkpoint = load_file(source / "model.safetensors")
    width = config["hidden_size"]

    out = gguf.GGUFWriter(target, "bert")
    if reranker:
        out.add_name("tiny random reranker (random weights, for tests only)")
        out.add_description(
            "The encoder of all-MiniLM-L6-v2 under a rank head of random weights: scores mean nothing."
        )
    else:
        out.add_name("all-MiniLM-L6-v2")
    out.add_license("apache-2.0")
    out.add_source_url("https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2")
    out.add_block_count(config["num_hidden_layers"])
    out.add_context_length(config["max_position_embeddings"])
    out.add_embedding_length(width)
    out.add_feed_forward_length(config["intermediate_size"])
    out.add_head_count(config["num_attention_heads"])
    out.add_layer_norm_eps(config["layer_norm_eps"])
    out.add_causal_attention(False)
    out.add_pooling_type(gguf.PoolingType.RANK if reranker else gguf.PoolingType.MEAN)
    out.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    out.add_quantization_version(gguf.GGML_QUANT_VERSION)

    tokens, types = vocabulary(source / "vocab.txt")
    if len(tokens) != config["vocab_size"]:
        sys.exit(f"error: vocab.txt has {len(tokens)} tokens, config.json says {config['vocab_size']}")
    out.add_tokenizer_model("bert")
    out.add_tokenizer_pre("jina-v2-en")
    out.add_token_type_count(config["type_vocab_size"])
    out.add_token_list(tokens)
    out.add_token_types(types)
    out.add_pad_token_id(tokens.index("[PAD]"))
    out.add_unk_token_id(tokens.index("[UNK]"))
    out.add_sep_token_id(tokens.index("[SEP]"))
    out.add_mask_token_id(tokens.index("[MASK]"))

    tensors = [(new, checkpoint[old]) for old, new in renamed(config["num_hidden_layers"])]
    if reranker:
        tensors += random_head(width)
    for name, values in tensors:
        wide = values.ndim == 1 or name in ALWAYS_F32
        out.add_tensor(name, np.ascontiguousarray(values, np.float32 if wide else np.float16))
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("source", type=Path, help="folder with config.json, model.safetensors, vocab.txt")
    parser.add_argument("target", type=Path, help="the GGUF file to write")
    parser.add_argument("--reranker", action="store_true", help="put a random rank head on top")
    arguments = parser.parse_args()
    write(arguments.source, arguments.target, arguments.reranker)


if __name__ == "__main__":
    main()
