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
static inline vf v_units(const int32_t *p) { return _mm512_cvtepi32_ps(_mm512_loadu_si512(p)); }
typedef __m512i vi;
static inline vi vi_difference(const int32_t *a, const int32_t *b) {
    return _mm512_sub_epi32(_mm512_loadu_si512(a), _mm512_loadu_si512(b));
}
static inline vi vi_max(vi a, vi b) { return _mm512_max_epi32(a, b); }
static inline int32_t vi_highest(vi a) { return _mm512_reduce_max_epi32(a); }
static inline vf v_from(vi a) { return _mm512_cvtepi32_ps(a); }
/// The sum of `count` bytes, a multiple of 16.
static inline long v_byte_total(const uint8_t *p, long count) {
    __m512i sum = _mm512_setzero_si512();
    for (long j = 0; j < count; j += 64) {
        __mmask64 mask = count - j >= 64 ? ~0ull : (1ull << (count - j)) - 1;
        __m512i bytes = _mm512_maskz_loadu_epi8(mask, p + j);
        sum = _mm512_add_epi64(sum, _mm512_sad_epu8(bytes, _mm512_setzero_si512()));
    }
    return _mm512_reduce_add_epi64(sum);
}
/// Whole numbers 0...255 as bytes.
static inline void v_store_bytes(uint8_t *p, vf x) {
    _mm_storeu_si128((__m128i *)(void *)p, _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(x)));
}
/// Whole numbers -127...127 as signed bytes.
static inline void v_store_signed(uint8_t *p, vf x) {
    _mm_storeu_si128((__m128i *)(void *)p, _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(x)));
}
/// Four vectors of numbers in 0...255, rounded to bytes.
static inline void v_store_four_bytes(uint8_t *p, const vf *x) {
    __m512i low = _mm512_packs_epi32(_mm512_cvtps_epi32(x[0]), _mm512_cvtps_epi32(x[1]));
    __m512i high = _mm512_packs_epi32(_mm512_cvtps_epi32(x[2]), _mm512_cvtps_epi32(x[3]));
    __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    __m512i bytes = _mm512_packus_epi16(low, high);
    _mm512_storeu_si512(p, _mm512_permutexvar_epi32(order, bytes));
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
/// x - floor(x)
static inline vf v_fraction(vf x) { return _mm512_reduce_ps(x, _MM_FROUND_TO_NEG_INF); }
/// p * 2^floor(x)
static inline vf v_scale2_floor(vf p, vf x) { return _mm512_scalef_ps(p, x); }
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
