// Register tiles of matrix products: up to 7 rows by 4 vectors of 16 columns, 28 accumulators.

#define ALWAYS static inline __attribute__((always_inline))


ALWAYS void tile_f32(const ck_micro *m, const int rows, const int nv) {
    vf acc[CK_ROWS][4];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < nv; v++)
            acc[r][v] = m->load ? v_load(m->c + r * m->c_stride + v * 16) : v_set(0);
    const float *b = m->b;
    for (int s = 0; s < m->segments; s++) {
        const char *a[CK_ROWS];
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) a[r] = m->a[s * m->a_segment + r] + m->a_offset;
        for (long k = 0; k < m->depth; k++, b += nv * 16) {
            vf column[4];
#pragma clang loop unroll(full)
            for (int v = 0; v < nv; v++) column[v] = v_load(b + v * 16);
#pragma clang loop unroll(full)
            for (int r = 0; r < rows; r++) {
                vf x = v_set(((const float *)(const void *)a[r])[k]);
#pragma clang loop unroll(full)
                for (int v = 0; v < nv; v++) acc[r][v] = v_fma(x, column[v], acc[r][v]);
            }
        }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < nv; v++) v_store(m->c + r * m->c_stride + v * 16, acc[r][v]);
}

/// acc + the products of the two bf16 halves of each 32-bit lane.
ALWAYS vf dot_pair(vf acc, __m512i x, __m512i y) {
#ifdef CK_HAS_BF16
    return _mm512_dpbf16_ps(acc, (__m512bh)x, (__m512bh)y);
#else
    __m512i high = _mm512_set1_epi32((int)0xffff0000);
    vf x0 = _mm512_castsi512_ps(_mm512_slli_epi32(x, 16));
    vf y0 = _mm512_castsi512_ps(_mm512_slli_epi32(y, 16));
    vf x1 = _mm512_castsi512_ps(_mm512_and_si512(x, high));
    vf y1 = _mm512_castsi512_ps(_mm512_and_si512(y, high));
    return _mm512_fmadd_ps(x1, y1, _mm512_fmadd_ps(x0, y0, acc));
#endif
}

ALWAYS void tile_bf16(const ck_micro *m, const int rows, const int nv) {
    vf acc[CK_ROWS][4];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < nv; v++)
            acc[r][v] = m->load ? v_load(m->c + r * m->c_stride + v * 16) : v_set(0);
    const uint32_t *b = m->b;
    long pairs = m->depth / 2;
    for (int s = 0; s < m->segments; s++) {
        const char *a[CK_ROWS];
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) a[r] = m->a[s * m->a_segment + r] + m->a_offset;
        for (long k = 0; k < pairs; k++, b += nv * 16) {
            __m512i column[4];
#pragma clang loop unroll(full)
            for (int v = 0; v < nv; v++) column[v] = _mm512_loadu_si512(b + v * 16);
#pragma clang loop unroll(full)
            for (int r = 0; r < rows; r++) {
                int bits;
                memcpy(&bits, a[r] + k * 4, 4);
                __m512i x = _mm512_set1_epi32(bits);
#pragma clang loop unroll(full)
                for (int v = 0; v < nv; v++) acc[r][v] = dot_pair(acc[r][v], x, column[v]);
            }
        }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < nv; v++) v_store(m->c + r * m->c_stride + v * 16, acc[r][v]);
}

#define TILE_CASES(tile, nv)                                                                       \
    switch (m->rows) {                                                                             \
    case 7: tile(m, 7, nv); return;                                                                \
    case 6: tile(m, 6, nv); return;                                                                \
    case 5: tile(m, 5, nv); return;                                                                \
    case 4: tile(m, 4, nv); return;                                                                \
    case 3: tile(m, 3, nv); return;                                                                \
    case 2: tile(m, 2, nv); return;                                                                \
    default: tile(m, 1, nv); return;                                                               \
    }

#define MICRO(name, tile)                                                                          \
    static void name(const ck_micro *m) {                                                          \
        switch (m->nv) {                                                                           \
        case 4: TILE_CASES(tile, 4)                                                                \
        case 3: TILE_CASES(tile, 3)                                                                \
        case 2: TILE_CASES(tile, 2)                                                                \
        default: TILE_CASES(tile, 1)                                                               \
        }                                                                                          \
    }

MICRO(micro_f32, tile_f32)
MICRO(micro_bf16, tile_bf16)
