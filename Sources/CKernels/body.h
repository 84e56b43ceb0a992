// The row kernels of one level, written once over the vector operations of vector_*.h.
// Included by each kernels_*.c after CK_LEVEL (suffix) and the vectors are defined.

#include "vector_functions.h"
#include "body_winograd.h"

/// Values and gates come in alternating blocks of 16 columns.
static inline __attribute__((always_inline)) void finish_geglu(const ck_finish *f, int out_type) {
    const long columns = f->columns;
    const int has_bias = f->bias != NULL, has_residual = f->residual != NULL;
    for (long r = 0; r < f->rows; r++) {
        const float *c = f->c + r * CK_PANEL;
        for (long j = 0; j < columns; j += VW) {
            long n = ck_min(VW, columns - j), at = r * f->stride + j;
            long value = j / 16 * 32 + j % 16, gate = value + 16;
            vf x = v_load(c + value), g = v_load(c + gate);
            if (has_bias) {
                x = v_add(x, v_load(f->bias + value));
                g = v_add(g, v_load(f->bias + gate));
            }
            x = v_mul(x, v_gelu(g));
            if (has_residual) x = v_add(x, v_get_part(f->residual, f->residual_type, at, n));
            if (n == VW) v_put(f->out, out_type, at, x);
            else v_put_part(f->out, out_type, at, x, n);
        }
    }
}

static inline __attribute__((always_inline)) void finish_rows(
    const ck_finish *f, const int out_type, const int residual_type, const int activation) {
    const long columns = f->columns, stride = f->stride;
    const float *bias = f->bias, *channel_bias = f->channel_bias;
    const void *residual = f->residual;
    void *out = f->out;
    for (long r = 0; r < f->rows; r++) {
        const float *c = f->c + r * CK_PANEL;
        long j = 0;
        for (; j + VW <= columns; j += VW) {
            vf x = v_load(c + j);
            if (bias) x = v_add(x, v_load(bias + j));
            if (channel_bias) x = v_add(x, v_load(channel_bias + j));
            x = v_activate(x, activation);
            if (residual) x = v_add(x, v_get(residual, residual_type, r * stride + j));
            v_put(out, out_type, r * stride + j, x);
        }
        long n = columns - j;
        if (n == 0) continue;
        vf x = v_load_part(c + j, n);
        if (bias) x = v_add(x, v_load_part(bias + j, n));
        if (channel_bias) x = v_add(x, v_load_part(channel_bias + j, n));
        x = v_activate(x, activation);
        if (residual) x = v_add(x, v_get_part(residual, residual_type, r * stride + j, n));
        v_put_part(out, out_type, r * stride + j, x, n);
    }
}

/// The common cases by themselves, so that their branches leave the loops.
static void finish(const ck_finish *f) {
    int same = f->out_type == f->residual_type;
    if (f->activation == CK_GEGLU) {
        if (f->out_type == CK_F32) finish_geglu(f, CK_F32);
        else finish_geglu(f, CK_BF16);
    } else if (same && f->out_type == CK_BF16 && f->activation == CK_NONE) {
        finish_rows(f, CK_BF16, CK_BF16, CK_NONE);
    } else if (same && f->out_type == CK_F32 && f->activation == CK_NONE) {
        finish_rows(f, CK_F32, CK_F32, CK_NONE);
    } else {
        finish_rows(f, f->out_type, f->residual_type, f->activation);
    }
}

static void dequantize(const ck_dequantize *d) {
    for (long r = 0; r < d->rows; r++) {
        float *c = d->c + r * CK_PANEL;
        const int32_t *units = d->units + r * CK_PANEL;
        vf row = v_set(d->row_scales[r]);
        for (long j = 0; j < d->width; j += VW) {
            vf x = v_mul(v_difference(units + j, d->column_sums + j), row);
            if (d->add) x = v_add(v_load(c + j), x);
            if (d->column_scales) x = v_mul(x, v_load(d->column_scales + j));
            v_store(c + j, x);
        }
    }
}

static void quantize_row(const ck_quantize *q, long row) {
    const long columns = q->columns, padded = ck_round(columns, 4), whole = columns / VW * VW;
    const void *x = (const char *)q->x + (size_t)(row * columns) * ck_size(q->type);
    uint8_t *out = q->out + row * padded;
    vf highest = v_set(0);
    for (long j = 0; j < whole; j += VW) {
        vf value = v_get(x, q->type, j);
        highest = v_max(highest, v_max(value, v_sub(v_set(0), value)));
    }
    float maximum = v_highest(highest);
    for (long j = whole; j < columns; j++)
        maximum = fmaxf(maximum, fabsf(ck_float_from(x, q->type, (size_t)j)));
    float factor = maximum > 0 ? 127 / maximum : 0;
    q->scales[row] = maximum / 127;
    for (long j = 0; j < whole; j += VW)
        v_store_bytes(out + j, v_add(v_round(v_mul(v_get(x, q->type, j), v_set(factor))), v_set(128)));
    for (long j = whole; j < columns; j++)
        out[j] = (uint8_t)(rintf(ck_float_from(x, q->type, (size_t)j) * factor) + 128);
    memset(out + columns, 128, (size_t)(padded - columns));
}

static inline float highest_score(const float *scores, long valid) {
    vf h0 = v_set(-INFINITY), h1 = h0, h2 = h0, h3 = h0;
    long j = 0;
    for (; j + 4 * VW <= valid; j += 4 * VW) {
        h0 = v_max(h0, v_load(scores + j));
        h1 = v_max(h1, v_load(scores + j + VW));
        h2 = v_max(h2, v_load(scores + j + 2 * VW));
        h3 = v_max(h3, v_load(scores + j + 3 * VW));
    }
    for (; j + VW <= valid; j += VW) h0 = v_max(h0, v_load(scores + j));
    float highest = v_highest(v_max(v_max(h0, h1), v_max(h2, h3)));
    for (; j < valid; j++) highest = scores[j] > highest ? scores[j] : highest;
    return highest;
}

/// e^(score * scale - maximum); in bf16 the scale carries log2 e.
static inline vf probability(vf score, vf scale, vf shift, int type) {
    vf x = v_fma(score, scale, shift);
    return type == CK_F32 ? v_exp(x) : v_exp2_coarse(x);
}

static inline __attribute__((always_inline)) float probabilities(
    const float *scores, void *out, long valid, long count, float scale, float maximum,
    int type) {
    float unit = type == CK_F32 ? 1.0f : 1.44269504f;
    vf factor = v_set(scale * unit), shift = v_set(-maximum * unit);
    vf sum0 = v_set(0), sum1 = sum0;
    long j = 0;
    for (; j + 2 * VW <= valid; j += 2 * VW) {
        vf p0 = probability(v_load(scores + j), factor, shift, type);
        vf p1 = probability(v_load(scores + j + VW), factor, shift, type);
        sum0 = v_add(sum0, p0);
        sum1 = v_add(sum1, p1);
        v_put(out, type, j, p0);
        v_put(out, type, j + VW, p1);
    }
    for (; j < count; j += VW) {
        long n = valid - j < 0 ? 0 : ck_min(VW, valid - j);
        float part[16];
        v_store(part, probability(v_load(scores + j), factor, shift, type));
        vf p = v_load_part(part, n);
        sum0 = v_add(sum0, p);
        v_put(out, type, j, p);
    }
    return v_total(v_add(sum0, sum1));
}

static void softmax_row(const ck_softmax *s, long row) {
    const float *scores = s->scores + row * s->stride;
    char *out = (char *)s->probabilities + (size_t)(row * s->stride) * ck_size(s->type);
    long valid = ck_min(s->limit, s->valid + row * s->grow);
    if (valid <= 0) {
        memset(out, 0, (size_t)s->count * ck_size(s->type));
        return;
    }
    float maximum = highest_score(scores, valid) * s->scale, before = s->maximum[row];
    if (maximum > before) {
        float part[16], *to = s->out + row * s->out_columns;
        v_store(part, v_exp(v_set(before - maximum)));
        vf correction = v_set(before == -INFINITY ? 0 : part[0]);
        for (long j = 0; j < s->out_columns; j += VW)
            v_store(to + j, v_mul(v_load(to + j), correction));
        s->sum[row] *= before == -INFINITY ? 0 : part[0];
        s->maximum[row] = maximum;
    }
    maximum = s->maximum[row];
    s->sum[row] += s->type == CK_F32
        ? probabilities(scores, out, valid, s->count, s->scale, maximum, CK_F32)
        : probabilities(scores, out, valid, s->count, s->scale, maximum, CK_BF16);
}

static void softmax(const ck_softmax *s) {
    for (long row = 0; row < s->rows; row++) softmax_row(s, row);
}

#include "body_attention.h"

static inline vf map_vector(const ck_map *m, vf x, vf y) {
    x = v_mul(x, v_set(m->scale));
    if (m->y) x = v_fma(y, v_set(m->y_scale), x);
    return v_activate(x, m->activation);
}

static void map_range(const ck_map *m, size_t from, size_t to) {
    size_t i = from;
    for (; i + VW <= to; i += VW) {
        vf y = m->y ? v_get(m->y, m->type, (long)i) : v_set(0);
        v_put(m->out, m->type, (long)i, map_vector(m, v_get(m->x, m->type, (long)i), y));
    }
    long n = (long)(to - i);
    if (n == 0) return;
    vf y = m->y ? v_get_part(m->y, m->type, (long)i, n) : v_set(0);
    vf x = v_get_part(m->x, m->type, (long)i, n);
    v_put_part(m->out, m->type, (long)i, map_vector(m, x, y), n);
}

static void gate_row(const ck_gate *gate, long row) {
    const long columns = gate->columns, from = 2 * row * columns, to = row * columns;
    for (long j = 0; j < columns; j += VW) {
        long n = ck_min(VW, columns - j);
        vf value = v_get_part(gate->x, gate->type, from + j, n);
        vf y = v_mul(value, v_gelu(v_get_part(gate->x, gate->type, from + columns + j, n)));
        v_put_part(gate->out, gate->type, to + j, y, n);
    }
}

static inline vf normed(const ck_layer_norm *norm, vf x, vf mean, vf inverse, long j, long n) {
    vf y = v_mul(v_sub(x, mean), inverse);
    if (norm->gamma) y = v_mul(y, v_load_part(norm->gamma + j, n));
    return norm->beta ? v_add(y, v_load_part(norm->beta + j, n)) : y;
}

static void layer_norm_row(const ck_layer_norm *norm, long row) {
    const long columns = norm->columns, whole = columns / VW * VW, rest = columns - whole;
    const int type = norm->type;
    const void *x = (const char *)norm->x + (size_t)(row * columns) * ck_size(type);
    void *out = (char *)norm->out + (size_t)(row * columns) * ck_size(type);
    vf sum = v_set(0), squares = v_set(0);
    for (long j = 0; j < whole; j += VW) sum = v_add(sum, v_get(x, type, j));
    if (rest) sum = v_add(sum, v_get_part(x, type, whole, rest));
    float mean = v_total(sum) / (float)columns;
    for (long j = 0; j < whole; j += VW) {
        vf d = v_sub(v_get(x, type, j), v_set(mean));
        squares = v_fma(d, d, squares);
    }
    float total = v_total(squares);
    for (long j = whole; j < columns; j++) {
        float d = ck_float_from(x, type, (size_t)j) - mean;
        total += d * d;
    }
    vf center = v_set(mean), inverse = v_set(1 / sqrtf(total / (float)columns + norm->epsilon));
    for (long j = 0; j < whole; j += VW)
        v_put(out, type, j, normed(norm, v_get(x, type, j), center, inverse, j, VW));
    if (rest == 0) return;
    vf last = normed(norm, v_get_part(x, type, whole, rest), center, inverse, whole, rest);
    v_put_part(out, type, whole, last, rest);
}

/// Moments of `vectors` vectors of channels from channel `j` on.
static inline __attribute__((always_inline)) void moments_of(
    const void *x, int type, long rows, long channels, long j, float *to, const int vectors) {
    vf first[4], s[4], q[4];
    for (int v = 0; v < vectors; v++) {
        first[v] = v_get(x, type, j + v * VW);
        s[v] = v_set(0);
        q[v] = v_set(0);
    }
    for (long r = 1; r < rows; r++)
        for (int v = 0; v < vectors; v++) {
            vf d = v_sub(v_get(x, type, r * channels + j + v * VW), first[v]);
            s[v] = v_add(s[v], d);
            q[v] = v_fma(d, d, q[v]);
        }
    for (int v = 0; v < vectors; v++) {
        v_store(to + j + v * VW, first[v]);
        v_store(to + channels + j + v * VW, s[v]);
        v_store(to + 2 * channels + j + v * VW, q[v]);
    }
}

static void moments(const void *x, int type, long rows, long channels, float *to) {
    long j = 0;
    for (; j + 4 * VW <= channels; j += 4 * VW) moments_of(x, type, rows, channels, j, to, 4);
    for (; j + VW <= channels; j += VW) moments_of(x, type, rows, channels, j, to, 1);
    for (; j < channels; j++) {
        float first = ck_float_from(x, type, (size_t)j), s = 0, q = 0;
        for (long r = 1; r < rows; r++) {
            float d = ck_float_from(x, type, (size_t)(r * channels + j)) - first;
            s += d;
            q += d * d;
        }
        to[j] = first;
        to[channels + j] = s;
        to[2 * channels + j] = q;
    }
}

static inline vf affine_vector(vf x, vf a, vf b, int silu, int type) {
    vf y = v_fma(x, a, b);
    if (!silu) return y;
    return v_mul(y, type == CK_F32 ? v_sigmoid(y) : v_sigmoid_coarse(y));
}

static inline __attribute__((always_inline)) void affine_typed(
    const void *x, void *out, int type, long rows, long channels, const float *a,
    const float *b, int silu) {
    for (long r = 0; r < rows; r++) {
        long j = 0, i = r * channels;
        for (; j + VW <= channels; j += VW)
            v_put(
                out, type, i + j,
                affine_vector(v_get(x, type, i + j), v_load(a + j), v_load(b + j), silu, type));
        long n = channels - j;
        if (n == 0) continue;
        vf y = affine_vector(
            v_get_part(x, type, i + j, n), v_load_part(a + j, n), v_load_part(b + j, n), silu,
            type);
        v_put_part(out, type, i + j, y, n);
    }
}

static void affine(
    const void *x, void *out, int type, long rows, long channels, const float *a,
    const float *b, int silu) {
    if (type == CK_F32) affine_typed(x, out, CK_F32, rows, channels, a, b, silu);
    else affine_typed(x, out, CK_BF16, rows, channels, a, b, silu);
}

static void to_f32(float *out, const void *x, int type, size_t count) {
    size_t i = 0;
    for (; i + VW <= count; i += VW) {
        if (type == CK_F32) v_store(out + i, v_load((const float *)x + i));
        else if (type == CK_BF16) v_store(out + i, v_load_bf16((const uint16_t *)x + i));
        else if (type == CK_F16) v_store(out + i, v_load_f16((const uint16_t *)x + i));
        else break;
    }
    for (; i < count; i++) out[i] = ck_float_from(x, type, i);
}

static void to_bf16(uint16_t *out, const float *x, size_t count) {
    size_t i = 0;
    for (; i + VW <= count; i += VW) v_store_bf16(out + i, v_load(x + i));
    if (i < count) v_store_bf16_part(out + i, v_load_part(x + i, (long)(count - i)), (long)(count - i));
}

static void transpose(
    uint32_t *columns, long column_stride, const char *rows, size_t row_bytes, long lanes) {
    long lane = 0;
#ifdef CK_HAS_TRANSPOSE
    for (; lane + 16 <= lanes; lane += 16)
        transpose_16(columns + lane * column_stride, column_stride, rows + lane * 4, row_bytes);
#endif
    for (; lane < lanes; lane++)
        for (long r = 0; r < 16; r++)
            memcpy(&columns[lane * column_stride + r], rows + (size_t)r * row_bytes + lane * 4, 4);
}

const ck_kernels CK_LEVEL = {
    .micro_f32 = micro_f32,
    .micro_bf16 = micro_bf16,
    .micro_i8 = micro_i8,
    .dequantize = dequantize,
    .quantize = quantize_row,
    .finish = finish,
    .tile_inputs = tile_inputs,
    .tile_outputs = tile_outputs,
    .softmax = softmax,
    .block_bytes = block_bytes,
    .byte_softmax = byte_softmax,
    .byte_output = byte_output,
    .map = map_range,
    .gate = gate_row,
    .layer_norm = layer_norm_row,
    .moments = moments,
    .affine = affine,
    .to_f32 = to_f32,
    .to_bf16 = to_bf16,
    .transpose = transpose,
};
