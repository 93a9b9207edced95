// Includes FORM_HEADER for each TARGET, in the FORM of SCALAR that is named after it.

#define FORM NAMED_AS(SCALAR, plain)
#define TARGET TARGET_PLAIN
#include FORM_HEADER
#undef FORM
#undef TARGET
#if defined(__x86_64__)
#define FORM NAMED_AS(SCALAR, avx2)
#define TARGET TARGET_AVX2
#include FORM_HEADER
#undef FORM
#undef TARGET
#define FORM NAMED_AS(SCALAR, avx512)
#define TARGET TARGET_AVX512
#include FORM_HEADER
#undef FORM
#undef TARGET
#endif
