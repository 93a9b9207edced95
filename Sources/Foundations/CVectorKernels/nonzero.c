#include "vector_kernels.h"
#include "level.h"

#define LIST_NONZERO \
    long count = 0; \
    for (long i = first; i < end; i++) { \
        listed[count] = (int)i; \
        count += x[i] != 0; \
    } \
    return count;

static long list_nonzero_float_plain(const float *x, long first, long end, int *listed) { LIST_NONZERO }
static long list_nonzero_double_plain(const double *x, long first, long end, int *listed) { LIST_NONZERO }

#if defined(__x86_64__)
#include <immintrin.h>

// Sixteen numbers at a time, and the places of those that are not zero moved together.
TARGET_AVX512 static long list_nonzero_float_avx512(const float *x, long first, long end, int *listed) {
    long count = 0, i = first;
    __m512i places = _mm512_add_epi32(
        _mm512_set1_epi32((int)first), _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    for (; i + 16 <= end; i += 16) {
        const __mmask16 found = _mm512_cmp_ps_mask(_mm512_loadu_ps(x + i), _mm512_setzero_ps(), _CMP_NEQ_UQ);
        _mm512_storeu_si512(listed + count, _mm512_maskz_compress_epi32(found, places));
        count += __builtin_popcount(found);
        places = _mm512_add_epi32(places, _mm512_set1_epi32(16));
    }
    return count + list_nonzero_float_plain(x, i, end, listed + count);
}

long list_nonzero_float(const float *x, long first, long end, int *listed) {
    if (processor_level() == LEVEL_AVX512) return list_nonzero_float_avx512(x, first, end, listed);
    return list_nonzero_float_plain(x, first, end, listed);
}
#else
long list_nonzero_float(const float *x, long first, long end, int *listed) {
    return list_nonzero_float_plain(x, first, end, listed);
}
#endif

long list_nonzero_double(const double *x, long first, long end, int *listed) {
    return list_nonzero_double_plain(x, first, end, listed);
}
