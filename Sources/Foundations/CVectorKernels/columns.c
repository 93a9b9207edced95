#include "vector_kernels.h"
#include "level.h"

#define SCALAR float
#define LANES 16
#define FORM float_plain
#define TARGET TARGET_PLAIN
#include "columns_form.h"
#undef FORM
#undef TARGET
#if defined(__x86_64__)
#define FORM float_avx2
#define TARGET TARGET_AVX2
#include "columns_form.h"
#undef FORM
#undef TARGET
#define FORM float_avx512
#define TARGET TARGET_AVX512
#include "columns_form.h"
#undef FORM
#undef TARGET
#endif
#undef SCALAR
#undef LANES

#define SCALAR double
#define LANES 8
#define FORM double_plain
#define TARGET TARGET_PLAIN
#include "columns_form.h"
#undef FORM
#undef TARGET
#if defined(__x86_64__)
#define FORM double_avx2
#define TARGET TARGET_AVX2
#include "columns_form.h"
#undef FORM
#undef TARGET
#define FORM double_avx512
#define TARGET TARGET_AVX512
#include "columns_form.h"
#endif

void column_dots_float(
    const float *a, long stride, const int *columns, long count, const float *x, float *dots
) {
    CALL_BEST(column_dots_float, a, stride, columns, count, x, dots);
}

void column_dots_double(
    const double *a, long stride, const int *columns, long count, const double *x, double *dots
) {
    CALL_BEST(column_dots_double, a, stride, columns, count, x, dots);
}

void add_columns_float(
    const float *a, long stride, const int *columns, long count, const float *factors, float *y
) {
    CALL_BEST(add_columns_float, a, stride, columns, count, factors, y);
}

void add_columns_double(
    const double *a, long stride, const int *columns, long count, const double *factors, double *y
) {
    CALL_BEST(add_columns_double, a, stride, columns, count, factors, y);
}
