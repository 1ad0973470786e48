#include "CLlamaTemplates.h"

#if CORRAL_LLAMA_COMMON

#include <llama-common/chat.h>

#include <cstring>
#include <exception>

struct corral_templates {
    common_chat_templates_ptr templates;
    bool addsBegin;
    bool addsEnd;
};

corral_templates *corral_templates_make(const void *model, const char *text) {
    try {
        auto *typed = static_cast<const llama_model *>(model);
        const auto *vocabulary = llama_model_get_vocab(typed);
        auto templates = common_chat_templates_init(typed, text ? text : "");
        if (!templates) return nullptr;
        return new corral_templates{std::move(templates), llama_vocab_get_add_bos(vocabulary),
                                    llama_vocab_get_add_eos(vocabulary)};
    } catch (const std::exception &) {
        return nullptr;
    }
}

char *corral_templates_render(const corral_templates *templates, const char *const *roles,
                              const char *const *contents, size_t count) {
    try {
        common_chat_templates_inputs inputs;
        inputs.use_jinja = true;
        // What the tokenizer adds, the template must not write a second time.
        inputs.add_bos = templates->addsBegin;
        inputs.add_eos = templates->addsEnd;
        for (size_t i = 0; i < count; i++) {
            common_chat_msg message;
            message.role = roles[i];
            message.content = contents[i];
            inputs.messages.push_back(std::move(message));
        }
        const auto result = common_chat_templates_apply(templates->templates.get(), inputs);
        return strdup(result.prompt.c_str());
    } catch (const std::exception &) {
        return nullptr;
    }
}

void corral_templates_free(corral_templates *templates) { delete templates; }

#else

corral_templates *corral_templates_make(const void *, const char *) { return nullptr; }

char *corral_templates_render(const corral_templates *, const char *const *, const char *const *,
                              size_t) {
    return nullptr;
}

void corral_templates_free(corral_templates *) {}

#endif

#include <cstdlib>

void corral_templates_free_text(char *text) { free(text); }
