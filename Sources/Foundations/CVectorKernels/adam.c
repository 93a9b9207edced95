#include "vector_kernels.h"
#include "level.h"
#include <float.h>

#define HARDWARE_QUOTIENTS(dividends, divisors) ((dividends) / (divisors))

#if defined(__x86_64__)
#include <immintrin.h>

// The processor has been told to.
#define FLUSHED(value) (value)

// A division by the hardware takes as long as twenty products. This one is an approximate reciprocal, one step of
// Newton's method, and Markstein's correction of the quotient by its exact remainder. It rounds as the hardware does,
// but for about one quotient in a hundred million, which is one unit in the last place off. Hardware divides where a
// divisor is so large that its reciprocal is no normal number, or NaN; the least one is Adam's ε, which the caller
// knows.
TARGET_AVX512 static inline __m512 quotients_avx512(__m512 dividends, __m512 divisors) {
    const __mmask16 usual = _mm512_cmp_ps_mask(divisors, _mm512_set1_ps(0x1p60f), _CMP_LE_OQ);
    if (__builtin_expect(usual != 0xffff, 0)) return dividends / divisors;
    const __m512 rough = _mm512_rcp14_ps(divisors);
    const __m512 error = _mm512_fnmadd_ps(divisors, rough, _mm512_set1_ps(1));
    const __m512 reciprocal = _mm512_fmadd_ps(rough, error, rough);
    const __m512 quotient = dividends * reciprocal;
    const __m512 remainder = _mm512_fnmadd_ps(quotient, divisors, dividends);
    return _mm512_fmadd_ps(remainder, reciprocal, quotient);
}
#else
#define FLUSHED(value) (__builtin_elementwise_abs(value) < NAMED_AS(least, SCALAR) ? 0 * (value) : (value))
#endif

#define quotients_float_plain HARDWARE_QUOTIENTS
#define quotients_float_avx2 HARDWARE_QUOTIENTS
#define quotients_float_avx512 quotients_avx512
#define quotients_double_plain HARDWARE_QUOTIENTS
#define quotients_double_avx2 HARDWARE_QUOTIENTS
#define quotients_double_avx512 HARDWARE_QUOTIENTS

// The least normal numbers.
#define least_float FLT_MIN
#define least_double DBL_MIN

#define FORM_HEADER "adam_form.h"
#include "every_form.h"

#define ARGUMENTS \
    size, epsilon, keep_mean, keep_square, factors, direction, rows, columns, means, squares, weights

static double flushed_float(
    float size, float epsilon, float keep_mean, float keep_square, const float *factors, const float *direction,
    long rows, long columns, float *means, float *squares, float *weights
) {
#if defined(__x86_64__)
    // `quotients_avx512` trusts that no divisor is so small that its reciprocal is no number.
    if (!(epsilon >= 0x1p-60f)) return adam_step_float_plain(ARGUMENTS);
#endif
    CALL_BEST(adam_step_float, ARGUMENTS);
}

static double flushed_double(
    double size, double epsilon, double keep_mean, double keep_square, const double *factors, const double *direction,
    long rows, long columns, double *means, double *squares, double *weights
) {
    CALL_BEST(adam_step_double, ARGUMENTS);
}

// What the processor does with numbers below the least normal one: to zero, read or written. Arithmetic with them takes
// a hundred times as long.
#if defined(__x86_64__)
#define BEGIN_FLUSHING const unsigned int before = _mm_getcsr(); _mm_setcsr(before | 0x8040)
#define END_FLUSHING _mm_setcsr(before)
#else
#define BEGIN_FLUSHING
#define END_FLUSHING
#endif

double adam_step_float(
    float size, float epsilon, float keep_mean, float keep_square, const float *factors, const float *direction,
    long rows, long columns, float *means, float *squares, float *weights
) {
    BEGIN_FLUSHING;
    const double sum = flushed_float(ARGUMENTS);
    END_FLUSHING;
    return sum;
}

double adam_step_double(
    double size, double epsilon, double keep_mean, double keep_square, const double *factors, const double *direction,
    long rows, long columns, double *means, double *squares, double *weights
) {
    BEGIN_FLUSHING;
    const double sum = flushed_double(ARGUMENTS);
    END_FLUSHING;
    return sum;
}
