#include "vector_kernels.h"
#include "level.h"

#define FORM_HEADER "columns_form.h"
#include "every_form.h"

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
