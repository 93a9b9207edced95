// Loops that use the widest vectors of the processor, which the compiler of a portable program may not assume: each has
// a form for AVX-512, one for AVX2 with FMA and one for any processor, and every call takes the one that fits.
#pragma once

// The bytes of a cache line.
#define VECTOR_KERNEL_LINE 64

// The two products with listed columns of a column-major matrix. Column `j` begins at `a + j * stride`; `stride` fills
// whole lines. `columns` lists `count` of them. `x` and `y` have `stride` numbers. All are read fastest where they
// begin a line.

// dots[j] ← column j times `x`, for the listed j.
void column_dots_float(
    const float *a, long stride, const int *columns, long count, const float *x, float *dots);
void column_dots_double(
    const double *a, long stride, const int *columns, long count, const double *x, double *dots);

// y ← y + Σ factors[j] · column j, over the listed j.
void add_columns_float(
    const float *a, long stride, const int *columns, long count, const float *factors, float *y);
void add_columns_double(
    const double *a, long stride, const int *columns, long count, const double *factors, double *y);

// Writes those of first … end − 1 whose number in `x` is not zero (NaN is not) to `listed`, in order, and returns how
// many they are. `listed` has room for NONZERO_SLACK more than could be.
#define NONZERO_SLACK 16
long list_nonzero_float(const float *x, long first, long end, int *listed);
long list_nonzero_double(const double *x, long first, long end, int *listed);

// One step of Adam on a `rows` × `columns` matrix of weights, where −g of column j is `factors[j] · direction`:
// m ← β₁m − (1−β₁)g, v ← β₂v + (1−β₂)g², w ← w + size · m/(√v + ε), with means below the least normal number taken for
// zero. Returns the sum of the squared changes.
double adam_step_float(
    float size, float epsilon, float keep_mean, float keep_square, const float *factors, const float *direction,
    long rows, long columns, float *means, float *squares, float *weights);
double adam_step_double(
    double size, double epsilon, double keep_mean, double keep_square, const double *factors, const double *direction,
    long rows, long columns, double *means, double *squares, double *weights);
