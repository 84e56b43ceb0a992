// Attention over bytes: the row kernels of attention_int8.c.

/// The highest |x - center| over some rows, of `vectors` vectors of columns from `j` on.
static inline __attribute__((always_inline)) void distances(
    const ck_block_bytes *b, long j, const int vectors) {
    vf highest[4], center[4];
    for (int v = 0; v < vectors; v++) {
        highest[v] = v_set(0);
        center[v] = b->center ? v_load(b->center + j + v * VW) : v_set(0);
    }
    for (long r = 0; r < b->rows; r++)
        for (int v = 0; v < vectors; v++) {
            vf x = v_sub(v_get(b->x, b->type, r * b->stride + j + v * VW), center[v]);
            highest[v] = v_max(highest[v], v_max(x, v_sub(v_set(0), x)));
        }
    for (int v = 0; v < vectors; v++) v_store(b->scales + j + v * VW, highest[v]);
}

/// Rounds `vectors` vectors of columns from `j` on.
static inline void rounded_block(const ck_block_bytes *b, long j, long vectors) {
    const long rows = b->rows, columns = b->columns, stride = b->stride;
    const void *x = b->x;
    const int type = b->type;
    uint8_t *out = b->out + j;
    for (long r = 0; r < rows; r++, out += columns) {
        for (long v = 0; v < vectors; v++) {
            long at = j + v * VW;
            vf center = b->center ? v_load(b->center + at) : v_set(0);
            vf y = v_sub(v_get(x, type, r * stride + at), center);
            v_store_signed(out + v * VW, v_round(v_mul(y, v_load(b->factors + at))));
        }
    }
}

static void block_bytes(const ck_block_bytes *b) {
    float highest = 0;
    long j = 0;
    for (; j + 4 * VW <= b->columns; j += 4 * VW) distances(b, j, 4);
    for (; j < b->columns; j += VW) distances(b, j, 1);
    for (j = 0; j < b->columns; j++) highest = fmaxf(highest, b->scales[j]);
    for (j = 0; j < b->columns; j++) {
        float most = b->shared ? highest : b->scales[j];
        b->scales[j] = most / 127;
        b->factors[j] = most > 0 ? 127 / most : 0;
    }
    for (long from = 0; from < b->columns; from += 4 * VW)
        rounded_block(b, from, ck_min(4, (b->columns - from) / VW));
}

/// The highest of the first `valid` scores of a row, in units.
static inline int32_t highest_unit(const int32_t *units, const int32_t *shifts, long valid) {
    int32_t highest = INT32_MIN;
    long j = 0;
    if (valid >= VW) {
        vi most = vi_difference(units, shifts);
        for (j = VW; j + VW <= valid; j += VW)
            most = vi_max(most, vi_difference(units + j, shifts + j));
        highest = vi_highest(most);
    }
    for (; j < valid; j++) highest = highest > units[j] - shifts[j] ? highest : units[j] - shifts[j];
    return highest;
}

static void byte_softmax(const ck_byte_softmax *s) {
    const int32_t *shifts = s->shifts;
    for (long row = 0; row < s->rows; row++) {
        const int32_t *units = s->units + row * s->stride;
        uint8_t *out = s->probabilities + row * s->stride;
        float scale = s->scale * s->row_scales[row], log2 = scale * 1.44269504f;
        float highest = (float)highest_unit(units, shifts, s->valid);
        vf factor = v_set(log2), shift = v_set(7.99435344f - highest * log2);
        long j = 0;
        for (; j + 4 * VW <= s->valid; j += 4 * VW) {
            vf p[4];
            for (int v = 0; v < 4; v++) {
                long at = j + v * VW;
                p[v] = v_exp2_coarser(
                    v_fma(v_from(vi_difference(units + at, shifts + at)), factor, shift));
            }
            v_store_four_bytes(out + j, p);
        }
        for (; j < s->count; j += VW) {
            vf x = v_fma(v_from(vi_difference(units + j, shifts + j)), factor, shift);
            // Keys that only fill the last vector may score higher than any.
            v_store_bytes(out + j, v_min(v_round(v_exp2_coarser(x)), v_set(255)));
        }
        memset(out + s->valid, 0, (size_t)(s->count - s->valid));
        s->highest[row] = highest * scale;
        s->totals[row] = (float)v_byte_total(out, s->count);
    }
}

static void byte_output(const ck_byte_output *o) {
    for (long row = 0; row < o->rows; row++) {
        const int32_t *units = o->units + row * o->columns;
        float *out = o->out + row * o->columns;
        vf keep = v_set(o->keep[row]), part = v_set(o->part[row]);
        for (long j = 0; j < o->columns; j += VW) {
            vf x = v_mul(v_units(units + j), v_mul(v_load(o->scales + j), part));
            v_store(out + j, v_fma(v_load(out + j), keep, x));
        }
    }
}
