/* Activations of n sums z, in place. */
static inline REAL NAME_sigmoidSFX(REAL z)
{
    const REAL e = expSFX(-fabsSFX(z));
    return (z < 0 ? e : 1) / (1 + e);
}

static inline REAL NAME_geluSFX(REAL z)
{
    const REAL scale = LIT(0.7978845608028654), cubic = LIT(0.044715);
    return z * (1 + tanhSFX(scale * (z + cubic * (z * z * z)))) / 2;
}

static inline REAL NAME_mishSFX(REAL z)
{
    const REAL e = expSFX(-fabsSFX(z));
    const REAL numerator = z < 0 ? e * (e + 2) : 1 + 2 * e;
    return z * (numerator / (numerator + (z < 0 ? 2 : 2 * e * e)));
}

static inline void NAME_softmaxSFX(REAL *z, size_t n)
{
    REAL largest = z[0], total = 0;
    size_t i;
    for (i = 1; i < n; i++) {
        largest = z[i] > largest ? z[i] : largest;
    }
    for (i = 0; i < n; i++) {
        z[i] = expSFX(z[i] - largest);
        total += z[i];
    }
    for (i = 0; i < n; i++) {
        z[i] /= total;
    }
}

NAME_LAYER REAL NAME_addSFX(REAL z, REAL a, REAL b, int fused)
{
    return fused ? fmaSFX(a, b, z) : z + a * b;
}

/* z = x * weights + biases, the weights of each of n inputs one after the other; four inputs that are not 0 at once. */
NAME_LAYER void NAME_denseSFX(const WEIGHT *NAME_RESTRICT weights, const PARAMETER *NAME_RESTRICT biases,
                              SCALES const REAL *NAME_RESTRICT x, size_t n, REAL *NAME_RESTRICT z, size_t m,
                              int fused)
{
    const WEIGHT *rows[4];
    REAL a[4];
    size_t i, o, count = 0;
    for (o = 0; o < m; o++) {
        z[o] = 0;
    }
    for (i = 0; i < n; i++) {
        if (x[i] == 0) {
            continue;
        }
        rows[count] = weights + i * m;
        a[count++] = x[i];
        if (count == 4) {
            const WEIGHT *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
            const REAL a0 = a[0], a1 = a[1], a2 = a[2], a3 = a[3];
#if NAME_UNROLL
#pragma GCC unroll 4
#endif
            for (o = 0; o < m; o++) {
                const REAL first = NAME_addSFX(NAME_addSFX(z[o], (REAL)r0[o], a0, fused), (REAL)r1[o], a1, fused);
                z[o] = NAME_addSFX(NAME_addSFX(first, (REAL)r2[o], a2, fused), (REAL)r3[o], a3, fused);
            }
            count = 0;
        }
    }
    for (i = 0; i < count; i++) {
        const WEIGHT *row = rows[i];
        const REAL own = a[i];
        for (o = 0; o < m; o++) {
            z[o] = NAME_addSFX(z[o], (REAL)row[o], own, fused);
        }
    }
    for (o = 0; o < m; o++) {
        z[o] = z[o] SCALED + (REAL)biases[o];
    }
}
