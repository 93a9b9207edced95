// Includes FORM_HEADER for each SCALAR, of which LANES fill a line, and each FORM (a suffix) with its TARGET.

#define SCALAR float
#define LANES 16
#define FORM float_plain
#define TARGET TARGET_PLAIN
#include FORM_HEADER
#undef FORM
#undef TARGET
#if defined(__x86_64__)
#define FORM float_avx2
#define TARGET TARGET_AVX2
#include FORM_HEADER
#undef FORM
#undef TARGET
#define FORM float_avx512
#define TARGET TARGET_AVX512
#include FORM_HEADER
#undef FORM
#undef TARGET
#endif
#undef SCALAR
#undef LANES

#define SCALAR double
#define LANES 8
#define FORM double_plain
#define TARGET TARGET_PLAIN
#include FORM_HEADER
#undef FORM
#undef TARGET
#if defined(__x86_64__)
#define FORM double_avx2
#define TARGET TARGET_AVX2
#include FORM_HEADER
#undef FORM
#undef TARGET
#define FORM double_avx512
#define TARGET TARGET_AVX512
#include FORM_HEADER
#undef FORM
#undef TARGET
#endif
#undef SCALAR
#undef LANES
