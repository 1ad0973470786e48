"""Writes a projector with random weights: it makes tokens of pictures, and no sense."""

import gguf
import numpy as np


def write_tiny_projector(path, width):
    """A SigLIP of two layers for a model whose tokens have `width` elements (gemma3's kind)."""
    embedding, feed_forward, side, patch, merge = 32, 64, 64, 16, 2
    random = np.random.default_rng(7)
    out = gguf.GGUFWriter(path, "clip")
    out.add_type("mmproj")
    out.add_string("general.name", "tiny projector")
    out.add_file_type(gguf.LlamaFileType.ALL_F32)
    out.add_bool("clip.has_vision_encoder", True)
    out.add_string("clip.projector_type", "gemma3")
    out.add_bool("clip.use_gelu", True)
    for key, value in (
            ("embedding_length", embedding), ("feed_forward_length", feed_forward),
            ("block_count", 2), ("projection_dim", width), ("attention.head_count", 2),
            ("image_size", side), ("patch_size", patch), ("projector.scale_factor", merge)):
        out.add_uint32(f"clip.vision.{key}", value)
    out.add_float32("clip.vision.attention.layer_norm_epsilon", 1e-6)
    out.add_array("clip.vision.image_mean", [0.5, 0.5, 0.5])
    out.add_array("clip.vision.image_std", [0.5, 0.5, 0.5])

    def tensor(name, *shape):
        out.add_tensor(name, (random.standard_normal(shape) * 0.05).astype(np.float32))

    tensor("v.patch_embd.weight", embedding, 3, patch, patch)
    tensor("v.patch_embd.bias", embedding)
    tensor("v.position_embd.weight", (side // patch) ** 2, embedding)
    for layer in range(2):
        block = f"v.blk.{layer}"
        for name in ("attn_q", "attn_k", "attn_v", "attn_out"):
            tensor(f"{block}.{name}.weight", embedding, embedding)
            tensor(f"{block}.{name}.bias", embedding)
        tensor(f"{block}.ffn_up.weight", feed_forward, embedding)
        tensor(f"{block}.ffn_up.bias", feed_forward)
        tensor(f"{block}.ffn_down.weight", embedding, feed_forward)
        tensor(f"{block}.ffn_down.bias", embedding)
        for norm in ("ln1", "ln2"):
            tensor(f"{block}.{norm}.weight", embedding)
            tensor(f"{block}.{norm}.bias", embedding)
    tensor("v.post_ln.weight", embedding)
    tensor("v.post_ln.bias", embedding)
    tensor("mm.input_projection.weight", embedding, width)
    tensor("mm.soft_emb_norm.weight", embedding)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
