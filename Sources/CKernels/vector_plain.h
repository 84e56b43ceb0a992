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
static inline vf v_units(const int32_t *p) { return (float)*p; }
typedef int32_t vi;
static inline vi vi_difference(const int32_t *a, const int32_t *b) { return *a - *b; }
static inline vi vi_max(vi a, vi b) { return a > b ? a : b; }
static inline int32_t vi_highest(vi a) { return a; }
static inline vf v_from(vi a) { return (float)a; }
/// The sum of `count` bytes.
static inline long v_byte_total(const uint8_t *p, long count) {
    long sum = 0;
    for (long j = 0; j < count; j++) sum += p[j];
    return sum;
}
/// Whole numbers 0...255 as bytes.
static inline void v_store_bytes(uint8_t *p, vf x) { *p = (uint8_t)x; }
/// A whole number -127...127 as a signed byte.
static inline void v_store_signed(uint8_t *p, vf x) { *p = (uint8_t)(int8_t)x; }
/// Four numbers in 0...255, rounded to bytes.
static inline void v_store_four_bytes(uint8_t *p, const vf *x) {
    for (int v = 0; v < 4; v++) p[v] = (uint8_t)rintf(x[v]);
}
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
/// x - floor(x)
static inline vf v_fraction(vf x) { return x - floorf(x); }
/// p * 2^floor(x)
static inline vf v_scale2_floor(vf p, vf x) { return v_scale2(p, floorf(fmaxf(x, -126))); }
static inline float v_total(vf a) { return a; }
static inline float v_highest(vf a) { return a; }
