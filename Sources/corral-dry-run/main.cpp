// corral-dry-run: asks llama.cpp how much memory a model takes, without loading its weights.
//
//   corral-dry-run --identify
//   corral-dry-run --tensors METADATA HEADER
//   corral-dry-run FILE [gpu_layers=N] [repack=0|1] [memory=BYTES] [seconds=N]
//
// The second writes to HEADER what METADATA, a GGUF file without tensors, says, and the tensors that
// llama.cpp makes for it: models of any shape for tests. The third reads lines of context options from standard input, such as
//   c=4096 b=2048 ub=512 np=4 kvu=1 fa=auto ctk=f16 ctv=f16 no=4 emb=0 swa_full=0 kqv=1
// and answers each with a line of JSON, after a first line about the engine and the model. It ends
// with its input. llama.cpp aborts where an assertion of its own fails, so whoever wants an answer
// whatever comes starts this as a process: one for a file, with a limit of time and memory.

#include "Answer.h"
#include "Fields.h"
#include "Watch.h"

#include <exception>
#include <iostream>

#if __has_include(<llama.h>) && __has_include(<llama-ext.h>)
#define CORRAL_HAS_LLAMA 1
#include "Engine.h"
#include "Skeleton.h"
#endif

using namespace corral;

#if CORRAL_HAS_LLAMA
static int answer(const char *path, const Fields &options) {
    llama_log_set(Log::hear, &log());
    llama_backend_init();
    const Model model(path, options);
    if (!model) {
        sayError("model", log().message("llama.cpp did not say why"));
        return 1;
    }
    say("{\"engine\":" + identity() + ",\"model\":" + model.description() + "}");
    for (std::string line; std::getline(std::cin, line);) {
        try {
            const auto cell = model.measure(Fields::line(line));
            if (cell.empty()) {
                sayError("context", log().message("llama.cpp did not say why"));
            } else {
                say(cell);
            }
        } catch (const std::invalid_argument &error) {
            sayError("request", error.what());
        }
    }
    return 0;
}

static int describe(const char *metadata, const char *header) {
    llama_log_set(Log::hear, &log());
    llama_backend_init();
    const auto wrong = writeSkeleton(metadata, header);
    if (!wrong.empty()) {
        sayError("model", wrong);
        return 1;
    }
    say("{\"engine\":" + identity() + "}");
    return 0;
}
#else
static std::string identity() { return "{\"available\":false}"; }

static int answer(const char *, const Fields &) {
    sayError("unavailable", "this build has no llama.cpp: its headers, with llama-ext.h, were not "
                            "found by pkg-config when it was compiled");
    return 1;
}

static int describe(const char *, const char *) { return answer(nullptr, Fields()); }
#endif

int main(int count, char **arguments) {
    try {
        if (count == 2 && std::string(arguments[1]) == "--identify") {
            say(identity());
            return 0;
        }
        if (count == 4 && std::string(arguments[1]) == "--tensors") {
            setenv("GGML_NO_BACKTRACE", "1", 1);
            return describe(arguments[2], arguments[3]);
        }
        if (count < 2) {
            sayError("request", "usage: corral-dry-run FILE [key=value…] | --identify | "
                                "--tensors METADATA HEADER");
            return 2;
        }
        Fields options;
        for (int i = 2; i < count; i++) options.add(arguments[i]);
        bound(static_cast<uint64_t>(options.number("memory", 0, 0, INT64_MAX)),
              static_cast<unsigned>(options.number("seconds", 0, 0, 86400)));
        return answer(arguments[1], options);
    } catch (const std::bad_alloc &) {
        sayError("memory", "it takes more memory than was allowed");
        return 1;
    } catch (const std::exception &error) {
        sayError("request", error.what());
        return 2;
    }
}
