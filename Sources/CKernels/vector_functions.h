// Typed loads and stores and the functions of one level, over the vectors of vector_*.h.

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

/// 2^x to 3e-6 of its value, for x up to 0: finer than the bf16 that it is rounded to.
static inline vf v_exp2_coarse(vf x) {
    x = v_max(x, v_set(-126.0f));
    vf n = v_round(x);
    vf r = v_sub(x, n);
    vf p = v_set(9.5701e-3f);
    p = v_fma(p, r, v_set(5.591786e-2f));
    p = v_fma(p, r, v_set(2.4024745e-1f));
    p = v_fma(p, r, v_set(6.9312181e-1f));
    p = v_fma(p, r, v_set(9.9999926e-1f));
    return v_scale2(p, n);
}

/// 2^x to 1e-4 of its value: what is rounded to a byte.
static inline vf v_exp2_coarser(vf x) {
    vf r = v_fraction(x);
    vf p = v_set(7.8024530e-2f);
    p = v_fma(p, r, v_set(2.2606715e-1f));
    p = v_fma(p, r, v_set(6.9583354e-1f));
    p = v_fma(p, r, v_set(9.9992522e-1f));
    return v_scale2_floor(p, x);
}

static inline vf v_sigmoid(vf x) {
    return v_div(v_set(1), v_add(v_set(1), v_exp(v_sub(v_set(0), x))));
}

/// The sigmoid to about 1e-5 of its value, for results that are rounded to bf16.
static inline vf v_sigmoid_coarse(vf x) {
    vf e = v_exp2_coarse(v_min(v_mul(x, v_set(-1.44269504f)), v_set(126.0f)));
    return v_inverse(v_add(v_set(1), e));
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
    return v_mul(v_mul(x, p), v_inverse(q));
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
    case CK_RELU: return v_max(x, v_set(0.0f));
    default: return x;
    }
}
