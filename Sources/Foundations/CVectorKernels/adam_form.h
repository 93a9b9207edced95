// Adam's step for one SCALAR, LANES at a time, in one FORM (its suffix) for one TARGET; `quotients` of the form divides two
// lines. Included once for each.

#define NAMED(name) NAMED_AS(name, FORM)

typedef SCALAR NAMED(line) __attribute__((ext_vector_type(LANES), aligned(sizeof(SCALAR))));
typedef double NAMED(totals) __attribute__((ext_vector_type(LANES)));
#define LINE(address) (*(NAMED(line) *)(address))

TARGET static double NAMED(adam_step)(
    SCALAR size, SCALAR epsilon, SCALAR keep_mean, SCALAR keep_square, const SCALAR *factors, const SCALAR *direction,
    long rows, long columns, SCALAR *means, SCALAR *squares, SCALAR *weights
) {
    const SCALAR new_mean = 1 - keep_mean, new_square = 1 - keep_square;
    NAMED(totals) totals = {0};
    double sum = 0;
    for (long j = 0; j < columns; j++) {
        const SCALAR factor = factors[j];
        NAMED(line) sums = {0};
        long i = 0;
        for (; i + LANES <= rows; i += LANES) {
            const NAMED(line) d = factor * *(const NAMED(line) *)(direction + i);
            const NAMED(line) mean = FLUSHED(keep_mean * LINE(means + i) + new_mean * d);
            const NAMED(line) square = FLUSHED(keep_square * LINE(squares + i) + new_square * (d * d));
            LINE(means + i) = mean;
            LINE(squares + i) = square;
            const NAMED(line) change = NAMED(quotients)(size * mean, __builtin_elementwise_sqrt(square) + epsilon);
            LINE(weights + i) += change;
            sums += change * change;
        }
        totals += __builtin_convertvector(sums, NAMED(totals));
        for (; i < rows; i++) {
            const SCALAR d = factor * direction[i];
            const SCALAR mean = FLUSHED(keep_mean * means[i] + new_mean * d);
            const SCALAR square = FLUSHED(keep_square * squares[i] + new_square * (d * d));
            means[i] = mean;
            squares[i] = square;
            const SCALAR change = size * mean / (__builtin_elementwise_sqrt(square) + epsilon);
            weights[i] += change;
            sum += (double)change * change;
        }
        means += rows;
        squares += rows;
        weights += rows;
    }
    for (int k = 0; k < LANES; k++) sum += totals[k];
    return sum;
}

#undef LINE
#undef NAMED
