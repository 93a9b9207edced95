// The column kernels for one SCALAR, of which LANES fill a line, in one FORM (its suffix) for one TARGET. Included
// once for each.

#define NAMED(name) NAMED_AS(name, FORM)

typedef SCALAR NAMED(line) __attribute__((vector_size(VECTOR_KERNEL_LINE), aligned(sizeof(SCALAR))));
typedef SCALAR NAMED(half) __attribute__((vector_size(VECTOR_KERNEL_LINE / 2)));
typedef SCALAR NAMED(quarter) __attribute__((vector_size(VECTOR_KERNEL_LINE / 4)));
#define LINE(address) (*(const NAMED(line) *)(address))

// The sum of a line, by halves.
TARGET static inline SCALAR NAMED(sum)(const NAMED(line) *vector) {
    NAMED(half) halves[2];
    __builtin_memcpy(halves, vector, sizeof halves);
    const NAMED(half) folded = halves[0] + halves[1];
    NAMED(quarter) quarters[2];
    __builtin_memcpy(quarters, &folded, sizeof quarters);
    const NAMED(quarter) rest = quarters[0] + quarters[1];
    SCALAR sum = rest[0] + rest[1];
    for (int k = 2; k < LANES / 4; k += 2) sum += rest[k] + rest[k + 1];
    return sum;
}

// Four columns share the loads of `x`, and four sums hide the latency of an addition.
TARGET static void NAMED(column_dots)(
    const SCALAR *a, long stride, const int *columns, long count, const SCALAR *x, SCALAR *dots
) {
    long k = 0;
    for (; k + 4 <= count; k += 4) {
        const int *j = columns + k;
        const SCALAR *c0 = a + j[0] * stride, *c1 = a + j[1] * stride;
        const SCALAR *c2 = a + j[2] * stride, *c3 = a + j[3] * stride;
        NAMED(line) s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
        for (long i = 0; i < stride; i += LANES) {
            const NAMED(line) part = LINE(x + i);
            s0 += LINE(c0 + i) * part;
            s1 += LINE(c1 + i) * part;
            s2 += LINE(c2 + i) * part;
            s3 += LINE(c3 + i) * part;
        }
        dots[j[0]] = NAMED(sum)(&s0);
        dots[j[1]] = NAMED(sum)(&s1);
        dots[j[2]] = NAMED(sum)(&s2);
        dots[j[3]] = NAMED(sum)(&s3);
    }
    for (; k < count; k++) {
        const SCALAR *c = a + columns[k] * stride;
        NAMED(line) s = {0};
        for (long i = 0; i < stride; i += LANES) s += LINE(c + i) * LINE(x + i);
        dots[columns[k]] = NAMED(sum)(&s);
    }
}

// Four columns share the load and the store of `y`.
TARGET static void NAMED(add_columns)(
    const SCALAR *a, long stride, const int *columns, long count, const SCALAR *factors, SCALAR *y
) {
    long k = 0;
    for (; k + 4 <= count; k += 4) {
        const int *j = columns + k;
        const SCALAR *c0 = a + j[0] * stride, *c1 = a + j[1] * stride;
        const SCALAR *c2 = a + j[2] * stride, *c3 = a + j[3] * stride;
        const SCALAR f0 = factors[j[0]], f1 = factors[j[1]], f2 = factors[j[2]], f3 = factors[j[3]];
        for (long i = 0; i < stride; i += LANES) {
            NAMED(line) part = LINE(y + i);
            part += LINE(c0 + i) * f0;
            part += LINE(c1 + i) * f1;
            part += LINE(c2 + i) * f2;
            part += LINE(c3 + i) * f3;
            *(NAMED(line) *)(y + i) = part;
        }
    }
    for (; k < count; k++) {
        const SCALAR *c = a + columns[k] * stride;
        const SCALAR factor = factors[columns[k]];
        for (long i = 0; i < stride; i += LANES) *(NAMED(line) *)(y + i) += LINE(c + i) * factor;
    }
}

#undef LINE
#undef NAMED
