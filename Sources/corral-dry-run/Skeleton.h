// The header of a model of which there is only the metadata: llama.cpp itself says which tensors its
// architecture has.
#pragma once

#include "Answer.h"

#include <gguf.h>
#include <llama.h>

#include <memory>
#include <string>

namespace corral {

struct FreeMetadata {
    void operator()(gguf_context *context) const { gguf_free(context); }
};
using Metadata = std::unique_ptr<gguf_context, FreeMetadata>;

/// Writes the metadata at `path`, and every tensor that llama.cpp makes for it, to the file `out`.
///
/// The tensors get memory that nothing touches, as floats. Returns what is wrong, or nothing.
inline std::string writeSkeleton(const char *path, const char *out) {
    gguf_init_params init{};
    init.no_alloc = true;
    const Metadata metadata(gguf_init_from_file(path, init));
    if (!metadata) return "the metadata is no GGUF file";
    const Metadata header(gguf_init_empty());
    gguf_set_kv(header.get(), metadata.get());
    const auto note = [](ggml_tensor *tensor, void *context) {
        auto *header = static_cast<gguf_context *>(context);
        // A matrix that serves twice is made twice.
        if (gguf_find_tensor(header, tensor->name) >= 0) return;
        ggml_tensor described = *tensor;
        described.buffer = nullptr;
        described.data = nullptr;
        gguf_add_tensor(header, &described);
    };
    const std::unique_ptr<llama_model, FreeModel> model(llama_model_init_from_user(
        metadata.get(), note, header.get(), llama_model_default_params()));
    if (!model) return log().message("llama.cpp did not say why");
    return gguf_write_to_file(header.get(), out, true) ? "" : "the header cannot be written";
}

}  // namespace corral
