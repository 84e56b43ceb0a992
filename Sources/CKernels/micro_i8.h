// The int8 product in plain C, for levels without instructions for it.

static void micro_i8(const ck_micro *m) {
    long width = m->nv * 16;
    const int8_t *b = m->b;
    for (long r = 0; r < m->rows; r++) {
        int32_t sums[CK_PANEL] = {0};
        float *c = m->c + r * m->c_stride;
        if (m->load) memcpy(sums, c, (size_t)width * 4);
        const uint8_t *a = (const uint8_t *)m->a[r] + m->a_offset;
        for (long k = 0; k < m->depth; k++)
            for (long j = 0; j < width; j++)
                sums[j] += a[k] * b[(k / 4 * width + j) * 4 + k % 4];
        memcpy(c, sums, (size_t)width * 4);
    }
}
