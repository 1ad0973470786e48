// llama.cpp, asked what it would allocate. Only where its headers were there when this was built.
#pragma once

#include "Answer.h"
#include "Fields.h"

#include <dlfcn.h>
#include <ggml-backend.h>
#include <llama-ext.h>
#include <llama.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace corral {

/// What llama.cpp logged since the last question. Its logger is one for the whole process.
struct Log {
    std::string errors;
    bool attentionIsPlain = false;

    static void hear(ggml_log_level level, const char *text, void *self) {
        auto &log = *static_cast<Log *>(self);
        if (level != GGML_LOG_LEVEL_CONT) log.level = level;
        // The context tells in no other way what became of flash attention.
        if (strstr(text, "forcing off") || strstr(text, "Flash Attention not supported")) {
            log.attentionIsPlain = true;
        }
        if (log.level != GGML_LOG_LEVEL_WARN && log.level != GGML_LOG_LEVEL_ERROR) return;
        // Written at once: if an assertion fails next, whoever started this has read it.
        fputs(text, stderr);
        if (log.level == GGML_LOG_LEVEL_ERROR && log.errors.size() < 4096) log.errors += text;
    }

    std::string message(const char *otherwise) const {
        const auto last = errors.find_last_not_of('\n');
        return last == std::string::npos ? otherwise : errors.substr(0, last + 1);
    }

  private:
    ggml_log_level level = GGML_LOG_LEVEL_NONE;
};

inline Log &log() {
    static Log log;
    return log;
}

/// The build's number, which libllama does not know but the library of its tools does; 0 where that
/// is not beside it.
inline int buildNumber() {
    Dl_info info{};
    if (!dladdr(reinterpret_cast<const void *>(&llama_version), &info) || !info.dli_fname) return 0;
    const std::string path = info.dli_fname;
    const std::string folder = path.substr(0, path.find_last_of('/') + 1);
    for (const char *name : {"libllama-common.so.0", "libllama-common.so", "libllama-common.0.dylib",
                             "libllama-common.dylib"}) {
        void *library = dlopen((folder + name).c_str(), RTLD_LAZY | RTLD_LOCAL);
        if (!library) continue;
        // `int llama_build_number(void)` of C++ linkage (common/build-info.h).
        auto *symbol = dlsym(library, "_Z18llama_build_numberv");
        if (symbol) return reinterpret_cast<int (*)()>(symbol)();
    }
    return 0;
}

inline std::string identity() {
    const int build = buildNumber();
    return "{\"available\":true,\"version\":" + quoted(llama_version()) +
           ",\"build\":" + (build > 0 ? std::to_string(build) : "null") + "}";
}

struct FreeModel {
    void operator()(llama_model *model) const { llama_model_free(model); }
};
struct FreeContext {
    void operator()(llama_context *context) const { llama_free(context); }
};

/// A model without its weights.
class Model {
  public:
    Model(const char *path, const Fields &fields) {
        auto params = llama_model_default_params();
        params.no_alloc = true;
        params.load_mode = LLAMA_LOAD_MODE_NONE;
        params.n_gpu_layers = static_cast<int32_t>(fields.number("gpu_layers", 0, -1, INT_MAX));
        params.use_extra_bufts = fields.flag("repack", true);
        handle.reset(llama_model_load_from_file(path, params));
    }

    explicit operator bool() const { return handle != nullptr; }

    std::string description() const {
        return "{\"n_ctx_train\":" + std::to_string(llama_model_n_ctx_train(handle.get())) +
               ",\"n_vocab\":" + std::to_string(vocabulary()) + "}";
    }

    /// What a context takes, as JSON; throws what is wrong with the request, and returns nothing
    /// where llama.cpp refuses it.
    std::string measure(const Fields &fields) const {
        auto params = llama_context_default_params();
        params.n_ctx = static_cast<uint32_t>(fields.number("c", 0, 0, INT_MAX));
        params.n_batch = static_cast<uint32_t>(fields.number("b", params.n_batch, 0, INT_MAX));
        params.n_ubatch = static_cast<uint32_t>(fields.number("ub", params.n_ubatch, 0, INT_MAX));
        params.n_seq_max = static_cast<uint32_t>(fields.number("np", 1, 1, 1 << 16));
        params.n_outputs_max = static_cast<uint32_t>(fields.number("no", 0, 0, INT_MAX));
        params.type_k = type(fields.text("ctk", "f16"));
        params.type_v = type(fields.text("ctv", "f16"));
        params.flash_attn_type = attention(fields.text("fa", "auto"));
        params.kv_unified = fields.flag("kvu", false);
        params.swa_full = fields.flag("swa_full", false);
        params.offload_kqv = fields.flag("kqv", true);
        params.embeddings = fields.flag("emb", false);
        params.n_threads = params.n_threads_batch = 1;

        const auto start = std::chrono::steady_clock::now();
        log() = Log();
        const std::unique_ptr<llama_context, FreeContext> context(
            llama_init_from_model(handle.get(), params));
        if (!context) return "";
        const auto breakdown = llama_get_memory_breakdown(context.get());
        const auto elapsed = std::chrono::duration<double, std::milli>(
            std::chrono::steady_clock::now() - start);

        std::string buffers, host;
        for (const auto &[type, bytes] : breakdown) {
            const auto name = quoted(ggml_backend_buft_name(type));
            buffers += (buffers.empty() ? "" : ",") + name +
                       ":{\"model\":" + std::to_string(bytes.model) +
                       ",\"context\":" + std::to_string(bytes.context) +
                       ",\"compute\":" + std::to_string(bytes.compute) + "}";
            // A repacked buffer is not one the host may read, but it is the host's memory.
            auto *device = ggml_backend_buft_get_device(type);
            if (ggml_backend_buft_is_host(type) || !device ||
                ggml_backend_dev_type(device) == GGML_BACKEND_DEVICE_TYPE_CPU) {
                host += (host.empty() ? "" : ",") + name;
            }
        }
        const bool fused =
            params.flash_attn_type != LLAMA_FLASH_ATTN_TYPE_DISABLED && !log().attentionIsPlain;
        char milliseconds[32];
        snprintf(milliseconds, sizeof milliseconds, "%.2f", elapsed.count());
        return "{\"n_ctx\":" + std::to_string(llama_n_ctx(context.get())) +
               ",\"n_ctx_seq\":" + std::to_string(llama_n_ctx_seq(context.get())) +
               ",\"fa\":" + (fused ? "1" : "0") + ",\"buffers\":{" + buffers + "},\"host\":[" + host +
               "],\"output\":" + std::to_string(output(params)) + ",\"ms\":" + milliseconds + "}";
    }

  private:
    std::unique_ptr<llama_model, FreeModel> handle;

    int64_t vocabulary() const {
        return llama_vocab_n_tokens(llama_model_get_vocab(handle.get()));
    }

    /// The buffer for logits and embeddings as a context creates it, which no figure of llama.cpp
    /// counts (`llama_context::output_reserve`, b11434).
    int64_t output(const llama_context_params &params) const {
        // With both, it is T5, whose encoder's output is kept.
        const bool isPair =
            llama_model_has_encoder(handle.get()) && llama_model_has_decoder(handle.get());
        const int64_t embeddings =
            params.embeddings || isPair ? llama_model_n_embd_out(handle.get()) : 0;
        return (vocabulary() + embeddings) * 4 * std::max<int64_t>(1, params.n_seq_max);
    }

    static ggml_type type(const std::string &name) {
        for (int i = 0; i < GGML_TYPE_COUNT; i++) {
            const char *known = ggml_type_name(static_cast<ggml_type>(i));
            if (known && name == known) return static_cast<ggml_type>(i);
        }
        throw std::invalid_argument("there is no type '" + name + "'");
    }

    static llama_flash_attn_type attention(const std::string &name) {
        if (name == "on") return LLAMA_FLASH_ATTN_TYPE_ENABLED;
        if (name == "off") return LLAMA_FLASH_ATTN_TYPE_DISABLED;
        if (name == "auto") return LLAMA_FLASH_ATTN_TYPE_AUTO;
        throw std::invalid_argument("fa=" + name + " is none of on, off and auto");
    }
};

}  // namespace corral
