// Register tiles of matrix products: 4 rows by 2 vectors of 8 columns at a time.

#define ALWAYS static inline __attribute__((always_inline))

/// Columns 16 * block ... + 15 of rows `first` ... + rows - 1.
ALWAYS void tile(const ck_micro *m, int type, long first, const int rows, int block) {
    vf acc[4][2];
    long width = m->nv * 16, pairs = type == CK_BF16 ? m->depth / 2 : m->depth;
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < 2; v++) {
            const float *c = m->c + (first + r) * m->c_stride + block * 16 + v * 8;
            acc[r][v] = m->load ? v_load(c) : v_set(0);
        }
    const float *b = (const float *)m->b + block * 16;
    __m256i high = _mm256_set1_epi32((int)0xffff0000);
    for (int s = 0; s < m->segments; s++) {
        const char *a[4];
        for (int r = 0; r < rows; r++) a[r] = m->a[s * m->a_segment + first + r] + m->a_offset;
        for (long k = 0; k < pairs; k++, b += width) {
            vf b0 = v_load(b), b1 = v_load(b + 8);
            if (type == CK_F32) {
                for (int r = 0; r < rows; r++) {
                    vf x = v_set(((const float *)(const void *)a[r])[k]);
                    acc[r][0] = v_fma(x, b0, acc[r][0]);
                    acc[r][1] = v_fma(x, b1, acc[r][1]);
                }
                continue;
            }
            // The low and the high bf16 of each 32-bit lane are two rows of depth.
            __m256i i0 = _mm256_castps_si256(b0), i1 = _mm256_castps_si256(b1);
            vf low0 = _mm256_castsi256_ps(_mm256_slli_epi32(i0, 16));
            vf low1 = _mm256_castsi256_ps(_mm256_slli_epi32(i1, 16));
            vf high0 = _mm256_castsi256_ps(_mm256_and_si256(i0, high));
            vf high1 = _mm256_castsi256_ps(_mm256_and_si256(i1, high));
            for (int r = 0; r < rows; r++) {
                int bits;
                memcpy(&bits, a[r] + k * 4, 4);
                __m256i x = _mm256_set1_epi32(bits);
                vf x0 = _mm256_castsi256_ps(_mm256_slli_epi32(x, 16));
                vf x1 = _mm256_castsi256_ps(_mm256_and_si256(x, high));
                acc[r][0] = v_fma(x1, high0, v_fma(x0, low0, acc[r][0]));
                acc[r][1] = v_fma(x1, high1, v_fma(x0, low1, acc[r][1]));
            }
        }
    }
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < 2; v++)
            v_store(m->c + (first + r) * m->c_stride + block * 16 + v * 8, acc[r][v]);
}

ALWAYS void micro_typed(const ck_micro *m, int type) {
    for (int block = 0; block < m->nv; block++) {
        long r = 0;
        for (; r + 4 <= m->rows; r += 4) tile(m, type, r, 4, block);
        switch (m->rows - r) {
        case 3: tile(m, type, r, 3, block); break;
        case 2: tile(m, type, r, 2, block); break;
        case 1: tile(m, type, r, 1, block); break;
        default: break;
        }
    }
}

static void micro_f32(const ck_micro *m) { micro_typed(m, CK_F32); }
static void micro_bf16(const ck_micro *m) { micro_typed(m, CK_BF16); }
