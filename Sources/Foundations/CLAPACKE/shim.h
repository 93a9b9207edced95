// CBLAS from OpenBLAS and LAPACKE from Netlib, as one module.
//
// `lapack_int` is a macro, which Swift does not import; `LapackInt` is its importable name.
#pragma once
#include <cblas.h>
#include <lapacke.h>
#include <stdlib.h>
#include <time.h>

typedef lapack_int LapackInt;

#ifdef __GLIBC__
#include <malloc.h>
#endif

// Tells malloc to keep freed blocks for reuse instead of returning them to the kernel, which would
// hand them out again page by page, cleared. For programs that allocate matrices in a loop. The
// threshold is the largest that glibc accepts: it ignores larger ones.
static inline void keep_freed_memory(void) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_TOP_PAD, 64 << 20);
#endif
}

// The processor time of the calling thread, in seconds.
static inline double thread_processor_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// The choice of a kernel, in builds of OpenBLAS that hold several (DYNAMIC_ARCH). It is made when
// the library is loaded, from OPENBLAS_CORETYPE or the processor. Not in a header of OpenBLAS and
// absent from other builds: hence weak.
#ifdef __linux__
extern void gotoblas_dynamic_init(void) __attribute__((weak));
extern void gotoblas_dynamic_quit(void) __attribute__((weak));
#endif

// Whether select_openblas_kernel can do anything.
static inline int openblas_kernel_is_selectable(void) {
#ifdef __linux__
    return gotoblas_dynamic_init && gotoblas_dynamic_quit;
#else
    return 0;
#endif
}

// Makes OpenBLAS choose again, with OPENBLAS_CORETYPE set to `name`. No call may be under way.
static inline void select_openblas_kernel(const char *name) {
#ifdef __linux__
    if (!openblas_kernel_is_selectable()) return;
    setenv("OPENBLAS_CORETYPE", name, 1);
    gotoblas_dynamic_quit();
    gotoblas_dynamic_init();
    unsetenv("OPENBLAS_CORETYPE");
#endif
}

// What the processor and the operating system support: 0 less than AVX2 and FMA, 2 these, 3 also the
// AVX-512 subsets F, CD, DQ, BW and VL.
static inline int vector_level(void) {
#if defined(__x86_64__)
    unsigned int a = 1, b = 0, c = 0, d = 0;
    __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    const unsigned int fma = 1u << 12, osxsave = 1u << 27, avx = 1u << 28;
    if ((c & fma) == 0 || (c & osxsave) == 0 || (c & avx) == 0) return 0;
    unsigned int low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low & 0x06) != 0x06) return 0;
    a = 0, c = 0;
    __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if (a < 7) return 0;
    a = 7, c = 0;
    __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if ((b & (1u << 5)) == 0) return 0;
    const unsigned int avx512 = 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31;
    return (b & avx512) == avx512 && (low & 0xe6) == 0xe6 ? 3 : 2;
#else
    return 0;
#endif
}
