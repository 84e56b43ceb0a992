// Register tiles of matrix products over 16 columns: 6 rows in f32, 4 in bf16, where the two
// halves of each 32-bit lane take registers of their own.

#define ALWAYS static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")

/// One step of depth in f32.
ALWAYS void step_f32(vf (*acc)[2], const char *const *a, long k, const float *b, const int rows) {
    vf b0 = v_load(b), b1 = v_load(b + 8);
    UNROLLED for (int r = 0; r < rows; r++) {
        float value;
        memcpy(&value, a[r] + k * 4, 4);
        vf x = v_set(value);
        acc[r][0] = v_fma(x, b0, acc[r][0]);
        acc[r][1] = v_fma(x, b1, acc[r][1]);
    }
}

ALWAYS vf low_half(__m256i pair) { return _mm256_castsi256_ps(_mm256_slli_epi32(pair, 16)); }

ALWAYS vf high_half(__m256i pair) {
    return _mm256_castsi256_ps(_mm256_and_si256(pair, _mm256_set1_epi32((int)0xffff0000)));
}

/// A pair of steps in bf16.
ALWAYS void step_bf16(vf (*acc)[2], const char *const *a, long k, const float *b, const int rows) {
    __m256i b0 = _mm256_castps_si256(v_load(b)), b1 = _mm256_castps_si256(v_load(b + 8));
    vf low0 = low_half(b0), low1 = low_half(b1), high0 = high_half(b0), high1 = high_half(b1);
    UNROLLED for (int r = 0; r < rows; r++) {
        int bits;
        memcpy(&bits, a[r] + k * 4, 4);
        __m256i pair = _mm256_set1_epi32(bits);
        vf low = low_half(pair), high = high_half(pair);
        acc[r][0] = v_fma(high, high0, v_fma(low, low0, acc[r][0]));
        acc[r][1] = v_fma(high, high1, v_fma(low, low1, acc[r][1]));
    }
}

/// Columns 16 * block ... + 15 of rows first ... first + rows - 1.
ALWAYS void tile(const ck_micro *m, int type, long first, const int rows, int block) {
    vf acc[6][2];
    const long width = m->nv * 16, stride = m->c_stride;
    const long steps = type == CK_BF16 ? m->depth / 2 : m->depth;
    float *c = m->c + first * stride + block * 16;
    UNROLLED for (int r = 0; r < rows; r++)
        UNROLLED for (int v = 0; v < 2; v++)
            acc[r][v] = m->load ? v_load(c + r * stride + v * 8) : v_set(0);
    const float *b = (const float *)m->b + block * 16;
    for (int s = 0; s < m->segments; s++) {
        const char *a[6];
        UNROLLED for (int r = 0; r < rows; r++)
            a[r] = m->a[s * m->a_segment + first + r] + m->a_offset;
        for (long k = 0; k < steps; k++, b += width) {
            if (type == CK_F32) step_f32(acc, a, k, b, rows);
            else step_bf16(acc, a, k, b, rows);
        }
    }
    UNROLLED for (int r = 0; r < rows; r++)
        UNROLLED for (int v = 0; v < 2; v++) v_store(c + r * stride + v * 8, acc[r][v]);
}

ALWAYS void micro_typed(const ck_micro *m, int type) {
    const int full = type == CK_F32 ? 6 : 4;
    for (int block = 0; block < m->nv; block++) {
        long r = 0;
        for (; r + full <= m->rows; r += full) tile(m, type, r, full, block);
        switch (m->rows - r) {
        case 5: tile(m, type, r, 5, block); break;
        case 4: tile(m, type, r, 4, block); break;
        case 3: tile(m, type, r, 3, block); break;
        case 2: tile(m, type, r, 2, block); break;
        case 1: tile(m, type, r, 1, block); break;
        default: break;
        }
    }
}

static void micro_f32(const ck_micro *m) { micro_typed(m, CK_F32); }
static void micro_bf16(const ck_micro *m) { micro_typed(m, CK_BF16); }
