// The transforms of winograd.c, written once over the vector operations of vector_*.h.

/// Bᵀ d for one line of four: sums and differences.
#define CK_SPREAD(a, b, c, d)                                                                      \
    do {                                                                                           \
        vf first = v_sub(a, c), last = v_sub(b, d), sum = v_add(b, c);                             \
        c = v_sub(c, b);                                                                           \
        a = first;                                                                                 \
        b = sum;                                                                                   \
        d = last;                                                                                  \
    } while (0)

static inline __attribute__((always_inline)) void tile_inputs_typed(
    const ck_tile_inputs *t, const int type) {
    for (long j = 0; j < t->channels; j += VW) {
        long n = ck_min(VW, t->channels - j);
        vf d[16];
        for (int i = 0; i < 16; i++)
            d[i] = n == VW ? v_get(t->pixels[i], type, j) : v_get_part(t->pixels[i], type, j, n);
        for (int i = 0; i < 4; i++) CK_SPREAD(d[i], d[4 + i], d[8 + i], d[12 + i]);
        for (int i = 0; i < 16; i += 4) CK_SPREAD(d[i], d[i + 1], d[i + 2], d[i + 3]);
        for (int i = 0; i < 16; i++) {
            if (n == VW) v_put(t->out, type, i * t->stride + j, d[i]);
            else v_put_part(t->out, type, i * t->stride + j, d[i], n);
        }
    }
}

static void tile_inputs(const ck_tile_inputs *t) {
    if (t->type == CK_F32) tile_inputs_typed(t, CK_F32);
    else tile_inputs_typed(t, CK_BF16);
}

/// Aᵀ m A of every tile: four sums each way become two.
static void tile_outputs(const ck_tile_outputs *t) {
    for (long tile = 0; tile < t->tiles; tile++)
        for (long j = 0; j < t->columns; j += VW) {
            const float *m = t->products + tile * CK_PANEL + j;
            vf upper[4], lower[4];
            for (int i = 0; i < 4; i++) {
                vf a = v_load(m + i * t->stride), b = v_load(m + (4 + i) * t->stride);
                vf c = v_load(m + (8 + i) * t->stride), d = v_load(m + (12 + i) * t->stride);
                upper[i] = v_add(v_add(a, b), c);
                lower[i] = v_sub(v_sub(b, c), d);
            }
            float *to = t->upper + 2 * tile * CK_PANEL + j;
            v_store(to, v_add(v_add(upper[0], upper[1]), upper[2]));
            v_store(to + CK_PANEL, v_sub(v_sub(upper[1], upper[2]), upper[3]));
            to = t->lower + 2 * tile * CK_PANEL + j;
            v_store(to, v_add(v_add(lower[0], lower[1]), lower[2]));
            v_store(to + CK_PANEL, v_sub(v_sub(lower[1], lower[2]), lower[3]));
        }
}
