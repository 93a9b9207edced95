// CBLAS from OpenBLAS and LAPACKE from Netlib, as one module.
//
// `lapack_int` is a macro, which Swift does not import; `LapackInt` is its importable name.
#pragma once
#include <cblas.h>
#include <lapacke.h>

typedef lapack_int LapackInt;

#ifdef __GLIBC__
#include <malloc.h>
#endif

// Tells malloc to keep freed blocks for reuse instead of returning them to the kernel, which would
// hand them out again page by page, cleared. For programs that allocate matrices in a loop.
static inline void keep_freed_memory(void) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_TOP_PAD, 64 << 20);
#endif
}
