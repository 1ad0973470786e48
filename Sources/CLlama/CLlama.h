// llama.cpp's C interface, where pkg-config finds it; else nothing, and the package builds without.
#pragma once

#if __has_include(<llama.h>)
#include <llama.h>
#endif
