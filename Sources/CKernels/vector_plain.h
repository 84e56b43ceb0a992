// One "vector" of one float: the plain C twin of vector_avx2.h and vector_avx512.h.
enum { VW = 1 };
typedef float vf;

static inline vf v_set(float x) { return x; }
static inline vf v_load(const float *p) { return *p; }
static inline vf v_load_part(const float *p, long n) { return n > 0 ? *p : 0; }
static inline void v_store(float *p, vf x) { *p = x; }
static inline void v_store_part(float *p, vf x, long n) { if (n > 0) *p = x; }
static inline vf v_load_bf16(const uint16_t *p) {
    uint32_t bits = (uint32_t)*p << 16;
    float x;
    memcpy(&x, &bits, 4);
    return x;
}
static inline vf v_load_bf16_part(const uint16_t *p, long n) { return n > 0 ? v_load_bf16(p) : 0; }
static inline void v_store_bf16(uint16_t *p, vf x) { *p = ck_bf16_from_float(x); }
static inline void v_store_bf16_part(uint16_t *p, vf x, long n) { if (n > 0) v_store_bf16(p, x); }
static inline vf v_load_f16(const uint16_t *p) { return ck_float_from(p, CK_F16, 0); }
/// sum - 128 * column, exactly, then as floats.
static inline vf v_difference(const int32_t *sum, const int32_t *column) {
    return (float)(*sum - 128 * *column);
}
/// Whole numbers 0...255 as bytes.
static inline void v_store_bytes(uint8_t *p, vf x) { *p = (uint8_t)x; }
static inline vf v_add(vf a, vf b) { return a + b; }
static inline vf v_sub(vf a, vf b) { return a - b; }
static inline vf v_mul(vf a, vf b) { return a * b; }
static inline vf v_div(vf a, vf b) { return a / b; }
/// 1 / a, to 1e-6 of its value.
static inline vf v_inverse(vf a) { return 1 / a; }
static inline vf v_fma(vf a, vf b, vf c) { return a * b + c; }
static inline vf v_max(vf a, vf b) { return a > b ? a : b; }
static inline vf v_min(vf a, vf b) { return a < b ? a : b; }
static inline vf v_round(vf a) { return rintf(a); }
/// x * 2^n for whole n in -126...127.
static inline vf v_scale2(vf x, vf n) {
    uint32_t bits = (uint32_t)((int32_t)n + 127) << 23;
    float power;
    memcpy(&power, &bits, 4);
    return x * power;
}
static inline float v_total(vf a) { return a; }
static inline float v_highest(vf a) { return a; }
