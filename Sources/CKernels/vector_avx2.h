// Vectors of eight floats: AVX2, FMA and F16C.
#include <immintrin.h>

enum { VW = 8 };
typedef __m256 vf;

static inline __m256i v_mask(long n) {
    return _mm256_cmpgt_epi32(
        _mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
static inline vf v_set(float x) { return _mm256_set1_ps(x); }
static inline vf v_load(const float *p) { return _mm256_loadu_ps(p); }
static inline vf v_load_part(const float *p, long n) { return _mm256_maskload_ps(p, v_mask(n)); }
static inline void v_store(float *p, vf x) { _mm256_storeu_ps(p, x); }
static inline void v_store_part(float *p, vf x, long n) { _mm256_maskstore_ps(p, v_mask(n), x); }
static inline vf v_load_bf16(const uint16_t *p) {
    __m128i half = _mm_loadu_si128((const __m128i *)p);
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(half), 16));
}
static inline vf v_load_bf16_part(const uint16_t *p, long n) {
    uint16_t copy[8] = {0};
    memcpy(copy, p, (size_t)n * 2);
    return v_load_bf16(copy);
}
static inline __m128i v_to_bf16(vf x) {
    __m256i bits = _mm256_castps_si256(x);
    __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    __m256i rounded = _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff)));
    __m256i quiet = _mm256_or_si256(bits, _mm256_set1_epi32(0x400000));
    __m256i nan = _mm256_castps_si256(_mm256_cmp_ps(x, x, _CMP_UNORD_Q));
    __m256i high = _mm256_srli_epi32(_mm256_blendv_epi8(rounded, quiet, nan), 16);
    return _mm_packus_epi32(_mm256_castsi256_si128(high), _mm256_extracti128_si256(high, 1));
}
static inline void v_store_bf16(uint16_t *p, vf x) { _mm_storeu_si128((__m128i *)p, v_to_bf16(x)); }
static inline void v_store_bf16_part(uint16_t *p, vf x, long n) {
    uint16_t copy[8];
    v_store_bf16(copy, x);
    memcpy(p, copy, (size_t)n * 2);
}
static inline vf v_load_f16(const uint16_t *p) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
}
/// sum - 128 * column, exactly, then as floats.
static inline vf v_difference(const int32_t *sum, const int32_t *column) {
    __m256i own = _mm256_loadu_si256((const __m256i *)(const void *)sum);
    __m256i shift = _mm256_loadu_si256((const __m256i *)(const void *)column);
    return _mm256_cvtepi32_ps(_mm256_sub_epi32(own, _mm256_slli_epi32(shift, 7)));
}
static inline vf v_units(const int32_t *p) { return _mm256_cvtepi32_ps(_mm256_loadu_si256((const __m256i *)(const void *)p)); }
typedef __m256i vi;
static inline vi vi_difference(const int32_t *a, const int32_t *b) {
    return _mm256_sub_epi32(
        _mm256_loadu_si256((const __m256i *)(const void *)a),
        _mm256_loadu_si256((const __m256i *)(const void *)b));
}
static inline vi vi_max(vi a, vi b) { return _mm256_max_epi32(a, b); }
static inline int32_t vi_highest(vi a) {
    __m128i s = _mm_max_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
    s = _mm_max_epi32(s, _mm_shuffle_epi32(s, 0x4e));
    return _mm_cvtsi128_si32(_mm_max_epi32(s, _mm_shuffle_epi32(s, 0xb1)));
}
static inline vf v_from(vi a) { return _mm256_cvtepi32_ps(a); }
/// The sum of `count` bytes, a multiple of 16.
static inline long v_byte_total(const uint8_t *p, long count) {
    __m128i sum = _mm_setzero_si128();
    for (long j = 0; j < count; j += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(p + j));
        sum = _mm_add_epi64(sum, _mm_sad_epu8(bytes, _mm_setzero_si128()));
    }
    return _mm_cvtsi128_si64(_mm_add_epi64(sum, _mm_unpackhi_epi64(sum, sum)));
}
/// Whole numbers 0...255 as bytes.
static inline void v_store_bytes(uint8_t *p, vf x) {
    __m256i wide = _mm256_cvtps_epi32(x);
    __m128i half = _mm_packus_epi32(
        _mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
    _mm_storel_epi64((__m128i *)(void *)p, _mm_packus_epi16(half, half));
}
/// Whole numbers -127...127 as signed bytes.
static inline void v_store_signed(uint8_t *p, vf x) {
    __m256i wide = _mm256_cvtps_epi32(x);
    __m128i half = _mm_packs_epi32(
        _mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
    _mm_storel_epi64((__m128i *)(void *)p, _mm_packs_epi16(half, half));
}
/// Four vectors of numbers in 0...255, rounded to bytes.
static inline void v_store_four_bytes(uint8_t *p, const vf *x) {
    for (int v = 0; v < 4; v++) v_store_bytes(p + v * VW, x[v]);
}
static inline vf v_add(vf a, vf b) { return _mm256_add_ps(a, b); }
static inline vf v_sub(vf a, vf b) { return _mm256_sub_ps(a, b); }
static inline vf v_mul(vf a, vf b) { return _mm256_mul_ps(a, b); }
static inline vf v_div(vf a, vf b) { return _mm256_div_ps(a, b); }
/// 1 / a, to 1e-6 of its value.
static inline vf v_inverse(vf a) { return _mm256_div_ps(_mm256_set1_ps(1), a); }
static inline vf v_fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
static inline vf v_max(vf a, vf b) { return _mm256_max_ps(a, b); }
static inline vf v_min(vf a, vf b) { return _mm256_min_ps(a, b); }
static inline vf v_round(vf a) {
    return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
/// x * 2^n for whole n in -126...127.
static inline vf v_scale2(vf x, vf n) {
    __m256i bits = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
    return _mm256_mul_ps(x, _mm256_castsi256_ps(_mm256_slli_epi32(bits, 23)));
}
/// x - floor(x)
static inline vf v_fraction(vf x) { return v_sub(x, _mm256_floor_ps(x)); }
/// p * 2^floor(x), for x up to 127; below -126 as for -126.
static inline vf v_scale2_floor(vf p, vf x) {
    return v_scale2(p, _mm256_floor_ps(v_max(x, v_set(-126.0f))));
}
static inline float v_total(vf a) {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_shuffle_ps(s, s, 1)));
}
static inline float v_highest(vf a) {
    __m128 s = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    s = _mm_max_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_max_ss(s, _mm_shuffle_ps(s, s, 1)));
}
