// The row kernels of one level, written once over the vector operations of vector_*.h.
// Included by each kernels_*.c after CK_LEVEL (suffix) and the vectors are defined.

static inline vf v_get(const void *p, int type, long i) {
    return type == CK_F32 ? v_load((const float *)p + i) : v_load_bf16((const uint16_t *)p + i);
}
static inline vf v_get_part(const void *p, int type, long i, long n) {
    return type == CK_F32 ? v_load_part((const float *)p + i, n)
                          : v_load_bf16_part((const uint16_t *)p + i, n);
}
static inline void v_put(void *p, int type, long i, vf x) {
    if (type == CK_F32) v_store((float *)p + i, x);
    else v_store_bf16((uint16_t *)p + i, x);
}
static inline void v_put_part(void *p, int type, long i, vf x, long n) {
    if (type == CK_F32) v_store_part((float *)p + i, x, n);
    else v_store_bf16_part((uint16_t *)p + i, x, n);
}

/// e^x to about one unit in the last place; below e^-87 it is e^-87 (about 1e-38).
static inline vf v_exp(vf x) {
    x = v_min(v_max(x, v_set(-87.0f)), v_set(88.0f));
    vf n = v_round(v_mul(x, v_set(1.44269504f)));
    vf r = v_fma(n, v_set(-0.693359375f), x);
    r = v_fma(n, v_set(2.12194440e-4f), r);
    vf p = v_set(1.9875691500e-4f);
    p = v_fma(p, r, v_set(1.3981999507e-3f));
    p = v_fma(p, r, v_set(8.3334519073e-3f));
    p = v_fma(p, r, v_set(4.1665795894e-2f));
    p = v_fma(p, r, v_set(1.6666665459e-1f));
    p = v_fma(p, r, v_set(5.0000001201e-1f));
    p = v_fma(v_mul(r, r), p, v_add(r, v_set(1)));
    return v_scale2(p, n);
}

static inline vf v_sigmoid(vf x) {
    return v_div(v_set(1), v_add(v_set(1), v_exp(v_sub(v_set(0), x))));
}

/// The error function as a ratio of polynomials on -4...4 (absolute error about 1e-7).
static inline vf v_erf(vf x) {
    x = v_min(v_max(x, v_set(-4.0f)), v_set(4.0f));
    vf s = v_mul(x, x);
    vf p = v_set(-2.72614225801306e-10f);
    p = v_fma(p, s, v_set(2.77068142495902e-08f));
    p = v_fma(p, s, v_set(-2.10102402082508e-06f));
    p = v_fma(p, s, v_set(-5.69250639462346e-05f));
    p = v_fma(p, s, v_set(-7.34990630326855e-04f));
    p = v_fma(p, s, v_set(-2.95459980854025e-03f));
    p = v_fma(p, s, v_set(-1.60960333262415e-02f));
    vf q = v_set(-1.45660718464996e-05f);
    q = v_fma(q, s, v_set(-2.13374055278905e-04f));
    q = v_fma(q, s, v_set(-1.68282697438203e-03f));
    q = v_fma(q, s, v_set(-7.37332916720468e-03f));
    q = v_fma(q, s, v_set(-1.42647390514189e-02f));
    return v_div(v_mul(x, p), q);
}

static inline vf v_gelu(vf x) {
    vf half = v_mul(x, v_set(0.5f));
    return v_fma(half, v_erf(v_mul(x, v_set(0.70710678f))), half);
}

static inline vf v_activate(vf x, int activation) {
    switch (activation) {
    case CK_SILU: return v_mul(x, v_sigmoid(x));
    case CK_GELU: return v_gelu(x);
    case CK_QUICKGELU: return v_mul(x, v_sigmoid(v_mul(x, v_set(1.702f))));
    default: return x;
    }
}

/// Values and gates come in alternating blocks of 16 columns.
static void finish_geglu(const ck_finish *f) {
    for (long j = 0; j < f->columns; j += VW) {
        long n = ck_min(VW, f->columns - j);
        long value = j / 16 * 32 + j % 16, gate = value + 16;
        vf x = v_load(f->c + value), g = v_load(f->c + gate);
        if (f->bias) {
            x = v_add(x, v_load(f->bias + value));
            g = v_add(g, v_load(f->bias + gate));
        }
        x = v_mul(x, v_gelu(g));
        if (f->residual) x = v_add(x, v_get_part(f->residual, f->residual_type, j, n));
        v_put_part(f->out, f->out_type, j, x, n);
    }
}

static inline vf finish_vector(const ck_finish *f, long j, vf x, long n) {
    if (f->bias) x = v_add(x, v_load_part(f->bias + j, n));
    if (f->channel_bias) x = v_add(x, v_load_part(f->channel_bias + j, n));
    x = v_activate(x, f->activation);
    if (f->residual) x = v_add(x, v_get_part(f->residual, f->residual_type, j, n));
    return x;
}

static void finish(const ck_finish *f) {
    if (f->activation == CK_GEGLU) {
        finish_geglu(f);
        return;
    }
    long j = 0;
    for (; j + VW <= f->columns; j += VW)
        v_put(f->out, f->out_type, j, finish_vector(f, j, v_load(f->c + j), VW));
    long n = f->columns - j;
    if (n > 0)
        v_put_part(
            f->out, f->out_type, j, finish_vector(f, j, v_load_part(f->c + j, n), n), n);
}

static void softmax(const ck_softmax *s) {
    vf highest = v_set(-INFINITY);
    long j = 0;
    for (; j + VW <= s->valid; j += VW) highest = v_max(highest, v_load(s->scores + j));
    float maximum = v_highest(highest);
    for (; j < s->valid; j++) maximum = s->scores[j] > maximum ? s->scores[j] : maximum;
    maximum *= s->scale;
    if (!(maximum > *s->maximum)) maximum = *s->maximum;

    vf shift = v_set(maximum), scale = v_set(s->scale), sum = v_set(0);
    for (j = 0; j + VW <= s->valid; j += VW) {
        vf p = v_exp(v_sub(v_mul(v_load(s->scores + j), scale), shift));
        sum = v_add(sum, p);
        v_put(s->probabilities, s->type, j, p);
    }
    for (; j < s->count; j += VW) {
        long n = s->valid - j < 0 ? 0 : s->valid - j;
        float part[16];
        v_store(part, v_exp(v_sub(v_mul(v_load(s->scores + j), scale), shift)));
        vf p = v_load_part(part, n);
        sum = v_add(sum, p);
        v_put(s->probabilities, s->type, j, p);
    }
    float correction = 1;
    if (maximum > *s->maximum) {
        float part[16];
        v_store(part, v_exp(v_set(*s->maximum - maximum)));
        correction = *s->maximum == -INFINITY ? 0 : part[0];
        for (j = 0; j < s->out_columns; j += VW)
            v_store(s->out + j, v_mul(v_load(s->out + j), v_set(correction)));
    }
    *s->sum = *s->sum * correction + v_total(sum);
    *s->maximum = maximum;
}

static inline vf map_vector(const ck_map *m, size_t i, long n) {
    vf x = v_mul(v_get_part(m->x, m->type, (long)i, n), v_set(m->scale));
    if (m->y) x = v_fma(v_get_part(m->y, m->type, (long)i, n), v_set(m->y_scale), x);
    return v_activate(x, m->activation);
}

static void map_range(const ck_map *m, size_t from, size_t to) {
    for (size_t i = from; i < to; i += VW) {
        long n = ck_min(VW, (long)(to - i));
        v_put_part(m->out, m->type, (long)i, map_vector(m, i, n), n);
    }
}

static void layer_norm_row(const ck_layer_norm *norm, long row) {
    long columns = norm->columns;
    const void *x = (const char *)norm->x + (size_t)(row * columns) * ck_size(norm->type);
    void *out = (char *)norm->out + (size_t)(row * columns) * ck_size(norm->type);
    vf sum = v_set(0);
    for (long j = 0; j < columns; j += VW)
        sum = v_add(sum, v_get_part(x, norm->type, j, ck_min(VW, columns - j)));
    float mean = v_total(sum) / (float)columns;
    vf squares = v_set(0);
    long j = 0;
    for (; j + VW <= columns; j += VW) {
        vf d = v_sub(v_get(x, norm->type, j), v_set(mean));
        squares = v_fma(d, d, squares);
    }
    float total = v_total(squares);
    for (; j < columns; j++) {
        float d = ck_float_from(x, norm->type, (size_t)j) - mean;
        total += d * d;
    }
    vf inverse = v_set(1 / sqrtf(total / (float)columns + norm->epsilon));
    for (j = 0; j < columns; j += VW) {
        long n = ck_min(VW, columns - j);
        vf y = v_mul(v_sub(v_get_part(x, norm->type, j, n), v_set(mean)), inverse);
        if (norm->gamma) y = v_mul(y, v_load_part(norm->gamma + j, n));
        if (norm->beta) y = v_add(y, v_load_part(norm->beta + j, n));
        v_put_part(out, norm->type, j, y, n);
    }
}

static void moments(
    const void *x, int type, long rows, long channels, float *shift, float *sum,
    float *squares) {
    for (long j = 0; j < channels; j += VW) {
        long n = ck_min(VW, channels - j);
        vf first = v_get_part(x, type, j, n);
        vf s = v_set(0), q = v_set(0);
        for (long r = 1; r < rows; r++) {
            vf d = v_sub(v_get_part(x, type, r * channels + j, n), first);
            s = v_add(s, d);
            q = v_fma(d, d, q);
        }
        v_store_part(shift + j, first, n);
        v_store_part(sum + j, s, n);
        v_store_part(squares + j, q, n);
    }
}

static void affine(
    const void *x, void *out, int type, long rows, long channels, const float *a,
    const float *b, int silu) {
    for (long r = 0; r < rows; r++) {
        for (long j = 0; j < channels; j += VW) {
            long n = ck_min(VW, channels - j), i = r * channels + j;
            vf y = v_fma(v_get_part(x, type, i, n), v_load_part(a + j, n), v_load_part(b + j, n));
            if (silu) y = v_mul(y, v_sigmoid(y));
            v_put_part(out, type, i, y, n);
        }
    }
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
    for (size_t i = 0; i < count; i += VW) {
        long n = ck_min(VW, (long)(count - i));
        v_store_bf16_part(out + i, v_load_part(x + i, n), n);
    }
}

const ck_kernels CK_LEVEL = {
    .micro_f32 = micro_f32,
    .micro_bf16 = micro_bf16,
    .finish = finish,
    .softmax = softmax,
    .map = map_range,
    .layer_norm = layer_norm_row,
    .moments = moments,
    .affine = affine,
    .to_f32 = to_f32,
    .to_bf16 = to_bf16,
};
