// Which form of a kernel this processor runs.
#pragma once

enum level { LEVEL_PLAIN, LEVEL_AVX2, LEVEL_AVX512 };

static inline enum level processor_level(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) return LEVEL_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return LEVEL_AVX2;
#endif
    return LEVEL_PLAIN;
}

#define TARGET_PLAIN
#define TARGET_AVX2 __attribute__((target("avx2,fma")))
#define TARGET_AVX512 __attribute__((target("avx512f"), min_vector_width(512)))

// A name with the suffix of a form, in two steps, so that ## joins what the arguments stand for.
#define JOINED(name, suffix) name##_##suffix
#define NAMED_AS(name, suffix) JOINED(name, suffix)

// Calls the form that fits.
#if defined(__x86_64__)
#define CALL_BEST(name, ...) \
    switch (processor_level()) { \
    case LEVEL_AVX512: return name##_avx512(__VA_ARGS__); \
    case LEVEL_AVX2: return name##_avx2(__VA_ARGS__); \
    case LEVEL_PLAIN: break; \
    } \
    return name##_plain(__VA_ARGS__)
#else
#define CALL_BEST(name, ...) return name##_plain(__VA_ARGS__)
#endif
