// llama.cpp's C interface, where pkg-config finds it; else nothing, and the package builds without.
#pragma once

#if __has_include(<llama.h>)
#include <llama.h>
#endif

#include <stdlib.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

// Gives memory that was freed back to the system. glibc keeps it, once for each arena that a thread
// has used, and every context has a thread of its own.
static inline void corral_trim_memory(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}
