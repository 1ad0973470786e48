// Chat templates in Jinja, which llama.cpp's tools run and its library does not.
//
// Only where the headers of llama.cpp's common library were there when this was built; else
// corral_templates_make returns NULL.
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A model's chat template, read and ready.
typedef struct corral_templates corral_templates;

/// Reads a model's template, or `text` in its place where that is not empty.
///
/// `model` is a `llama_model`, which outlives what is returned. NULL where this build cannot, or the
/// template cannot be read.
corral_templates *corral_templates_make(const void *model, const char *text);

/// Writes messages in the template, with the beginning of an answer.
///
/// The text is freed with corral_templates_free_text; NULL where the template fails.
char *corral_templates_render(const corral_templates *templates, const char *const *roles,
                              const char *const *contents, size_t count);

void corral_templates_free_text(char *text);
void corral_templates_free(corral_templates *templates);

#ifdef __cplusplus
}
#endif
