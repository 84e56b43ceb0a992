// Vectors of sixteen floats: AVX-512 F, DQ, BW and VL; bf16 conversion where CK_HAS_BF16 is set.
#include <immintrin.h>

enum { VW = 16 };
typedef __m512 vf;

static inline __mmask16 v_mask(long n) { return (__mmask16)((1u << n) - 1); }
static inline vf v_set(float x) { return _mm512_set1_ps(x); }
static inline vf v_load(const float *p) { return _mm512_loadu_ps(p); }
static inline vf v_load_part(const float *p, long n) { return _mm512_maskz_loadu_ps(v_mask(n), p); }
static inline void v_store(float *p, vf x) { _mm512_storeu_ps(p, x); }
static inline void v_store_part(float *p, vf x, long n) { _mm512_mask_storeu_ps(p, v_mask(n), x); }
static inline vf v_widen_bf16(__m256i half) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}
static inline vf v_load_bf16(const uint16_t *p) {
    return v_widen_bf16(_mm256_loadu_si256((const __m256i *)p));
}
static inline vf v_load_bf16_part(const uint16_t *p, long n) {
    return v_widen_bf16(_mm256_maskz_loadu_epi16(v_mask(n), p));
}
static inline __m256i v_to_bf16(vf x) {
#ifdef CK_HAS_BF16
    return (__m256i)_mm512_cvtneps_pbh(x);
#else
    __m512i bits = _mm512_castps_si512(x);
    __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    __m512i rounded = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff)));
    __mmask16 nan = _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q);
    rounded = _mm512_mask_or_epi32(rounded, nan, bits, _mm512_set1_epi32(0x400000));
    return _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded, 16));
#endif
}
static inline void v_store_bf16(uint16_t *p, vf x) {
    _mm256_storeu_si256((__m256i *)p, v_to_bf16(x));
}
static inline void v_store_bf16_part(uint16_t *p, vf x, long n) {
    _mm256_mask_storeu_epi16(p, v_mask(n), v_to_bf16(x));
}
static inline vf v_load_f16(const uint16_t *p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p));
}
/// sum - 128 * column, exactly, then as floats.
static inline vf v_difference(const int32_t *sum, const int32_t *column) {
    __m512i shift = _mm512_slli_epi32(_mm512_loadu_si512(column), 7);
    return _mm512_cvtepi32_ps(_mm512_sub_epi32(_mm512_loadu_si512(sum), shift));
}
/// Whole numbers 0...255 as bytes.
static inline void v_store_bytes(uint8_t *p, vf x) {
    _mm_storeu_si128((__m128i *)(void *)p, _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(x)));
}
static inline vf v_add(vf a, vf b) { return _mm512_add_ps(a, b); }
static inline vf v_sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
static inline vf v_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
static inline vf v_div(vf a, vf b) { return _mm512_div_ps(a, b); }
/// 1 / a, to 1e-6 of its value: an estimate to 2^-14 and one step of Newton's method.
static inline vf v_inverse(vf a) {
    vf y = _mm512_rcp14_ps(a);
    return _mm512_fmadd_ps(y, _mm512_fnmadd_ps(a, y, _mm512_set1_ps(1)), y);
}
static inline vf v_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
static inline vf v_max(vf a, vf b) { return _mm512_max_ps(a, b); }
static inline vf v_min(vf a, vf b) { return _mm512_min_ps(a, b); }
static inline vf v_round(vf a) {
    return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
/// x * 2^n for whole n.
static inline vf v_scale2(vf x, vf n) { return _mm512_scalef_ps(x, n); }
static inline float v_total(vf a) { return _mm512_reduce_add_ps(a); }
static inline float v_highest(vf a) { return _mm512_reduce_max_ps(a); }

#define CK_HAS_TRANSPOSE

/// Transposes a block of 16 by 16 lanes.
static inline void transpose_16(
    uint32_t *to, long to_stride, const char *from, size_t row_bytes) {
    __m512i a[16], b[16];
    for (int i = 0; i < 16; i++) a[i] = _mm512_loadu_si512(from + (size_t)i * row_bytes);
    for (int i = 0; i < 16; i += 2) {
        b[i] = _mm512_unpacklo_epi32(a[i], a[i + 1]);
        b[i + 1] = _mm512_unpackhi_epi32(a[i], a[i + 1]);
    }
    // Quarter q of a[4 * i + j] holds lane 4 * q + j of rows 4 * i ... 4 * i + 3.
    for (int i = 0; i < 16; i += 4) {
        a[i] = _mm512_unpacklo_epi64(b[i], b[i + 2]);
        a[i + 1] = _mm512_unpackhi_epi64(b[i], b[i + 2]);
        a[i + 2] = _mm512_unpacklo_epi64(b[i + 1], b[i + 3]);
        a[i + 3] = _mm512_unpackhi_epi64(b[i + 1], b[i + 3]);
    }
    for (int j = 0; j < 4; j++) {
        __m512i low = _mm512_shuffle_i32x4(a[j], a[4 + j], 0x88);
        __m512i high = _mm512_shuffle_i32x4(a[8 + j], a[12 + j], 0x88);
        _mm512_storeu_si512(to + j * to_stride, _mm512_shuffle_i32x4(low, high, 0x88));
        _mm512_storeu_si512(to + (8 + j) * to_stride, _mm512_shuffle_i32x4(low, high, 0xdd));
        low = _mm512_shuffle_i32x4(a[j], a[4 + j], 0xdd);
        high = _mm512_shuffle_i32x4(a[8 + j], a[12 + j], 0xdd);
        _mm512_storeu_si512(to + (4 + j) * to_stride, _mm512_shuffle_i32x4(low, high, 0x88));
        _mm512_storeu_si512(to + (12 + j) * to_stride, _mm512_shuffle_i32x4(low, high, 0xdd));
    }
}
