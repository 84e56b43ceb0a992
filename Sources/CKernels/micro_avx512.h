// Register tiles of matrix products: 24 accumulators of 16 columns, as 6 rows by 4 vectors, 8 by
// 3, 12 by 2 or 24 by 1. With four vectors of B and a broadcast of A that leaves registers over;
// a seventh row would spill.

#define ALWAYS static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")

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

/// The int32 lanes of acc + the products of the four unsigned bytes of x and signed ones of y.
ALWAYS vf dot_bytes(vf acc, vf x, vf y) {
#ifdef CK_HAS_BF16
    return _mm512_castsi512_ps(_mm512_dpbusd_epi32(
        _mm512_castps_si512(acc), _mm512_castps_si512(x), _mm512_castps_si512(y)));
#else
    (void)x;
    (void)y;
    return acc;
#endif
}

/// One step of depth (two in bf16, four in int8) for all accumulators of a tile.
ALWAYS void step(
    vf *acc, const char *const *a, long k, const float *b, int type, const int rows,
    const int nv) {
    vf column[4];
    UNROLLED for (int v = 0; v < nv; v++) column[v] = v_load(b + v * 16);
    UNROLLED for (int r = 0; r < rows; r++) {
        float x;
        memcpy(&x, a[r] + k * 4, 4);
        vf spread = v_set(x);
        UNROLLED for (int v = 0; v < nv; v++) {
            if (type == CK_I8) {
                acc[r * nv + v] = dot_bytes(acc[r * nv + v], spread, column[v]);
            } else if (type == CK_F32) {
                acc[r * nv + v] = v_fma(spread, column[v], acc[r * nv + v]);
            } else {
                __m512i pair = _mm512_castps_si512(spread);
                acc[r * nv + v] = dot_pair(acc[r * nv + v], pair, _mm512_castps_si512(column[v]));
            }
        }
    }
}

/// Rows `first` ... first + rows - 1 of the product.
ALWAYS void tile(const ck_micro *m, int type, long first, const int rows, const int nv) {
    vf acc[24];
    float *c = m->c + first * m->c_stride;
    const long stride = m->c_stride, steps = m->depth * (long)ck_size(type) / 4;
    const int load = m->load;
    UNROLLED for (int r = 0; r < rows; r++)
        UNROLLED for (int v = 0; v < nv; v++)
            acc[r * nv + v] = load ? v_load(c + r * stride + v * 16) : v_set(0);
    const float *b = m->b;
    for (int s = 0; s < m->segments; s++) {
        const char *a[24];
        UNROLLED for (int r = 0; r < rows; r++)
            a[r] = m->a[s * m->a_segment + first + r] + m->a_offset;
        for (long k = 0; k < steps; k++, b += nv * 16) step(acc, a, k, b, type, rows, nv);
    }
    UNROLLED for (int r = 0; r < rows; r++)
        UNROLLED for (int v = 0; v < nv; v++) v_store(c + r * stride + v * 16, acc[r * nv + v]);
}

ALWAYS void tiles(const ck_micro *m, int type, const int nv) {
    const int full = 24 / nv;
    long r = 0;
    for (; r + full <= m->rows; r += full) tile(m, type, r, full, nv);
    if (nv <= 1)
        for (; r + 12 <= m->rows; r += 12) tile(m, type, r, 12, nv);
    for (; r + 6 <= m->rows; r += 6) tile(m, type, r, 6, nv);
    switch (m->rows - r) {
    case 5: tile(m, type, r, 5, nv); break;
    case 4: tile(m, type, r, 4, nv); break;
    case 3: tile(m, type, r, 3, nv); break;
    case 2: tile(m, type, r, 2, nv); break;
    case 1: tile(m, type, r, 1, nv); break;
    default: break;
    }
}

ALWAYS void micro_typed(const ck_micro *m, int type) {
    switch (m->nv) {
    case 4: tiles(m, type, 4); break;
    case 3: tiles(m, type, 3); break;
    case 2: tiles(m, type, 2); break;
    default: tiles(m, type, 1); break;
    }
}

static void micro_f32(const ck_micro *m) { micro_typed(m, CK_F32); }
static void micro_bf16(const ck_micro *m) { micro_typed(m, CK_BF16); }

#ifdef CK_HAS_BF16
static void micro_i8(const ck_micro *m) { micro_typed(m, CK_I8); }
#else
#include "micro_i8.h"
#endif
