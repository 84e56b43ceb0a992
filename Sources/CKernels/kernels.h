#ifndef CK_INTERNAL_KERNELS_H
#define CK_INTERNAL_KERNELS_H

#include "CKernels.h"

#include <math.h>
#include <string.h>

#define CK_PANEL 64

/// Some rows of a product by one panel of nv * 16 columns (nv 1...4).
typedef struct {
    /// Row r of segment s starts at a[s * a_segment + r] + a_offset bytes.
    const char *const *a;
    long a_segment;
    long a_offset;
    int segments;
    /// Elements of each segment, even in bf16, a multiple of 4 in int8.
    long depth;
    const void *b;
    /// Accumulators [rows][c_stride].
    float *c;
    long c_stride;
    long rows;
    int nv;
    /// Nonzero: continue from the values in `c`.
    int load;
} ck_micro;

/// What happens to finished rows of accumulators, CK_PANEL apart.
typedef struct {
    const float *c;
    long rows;
    const float *bias, *channel_bias;
    /// Elements between the rows of both the residual and the result.
    long stride;
    const void *residual;
    int residual_type;
    void *out;
    int out_type;
    /// Columns to write.
    long columns;
    int activation;
} ck_finish;

/// The sums of a CK_I8 product, CK_PANEL apart, and what their units are worth.
typedef struct {
    /// May be the memory of `c`.
    const int32_t *units;
    float *c;
    long rows, width;
    /// Nonzero: adds to `c`.
    int add;
    const float *row_scales;
    const int32_t *column_sums;
    /// NULL while more is to be added.
    const float *column_scales;
} ck_dequantize;

/// One step of the running softmax of a block of rows of scores. Row r has `valid` + r * `grow`
/// scores, at most `limit`; probabilities beyond them, up to `count`, are zero.
typedef struct {
    const float *scores;
    void *probabilities;
    /// Elements from row to row of both.
    long stride;
    long rows, valid, grow, limit;
    /// A multiple of 16.
    long count;
    float scale;
    int type;
    float *maximum, *sum;
    /// Output accumulators [rows][out_columns], rescaled when a row's maximum grows.
    float *out;
    long out_columns;
} ck_softmax;

/// A block of rows of x as signed bytes round((x - center) / scale), scale = max |x - center| / 127.
typedef struct {
    const void *x;
    int type;
    /// Elements from row to row of x.
    long stride;
    /// `columns` is a multiple of 16, and dense in `out`.
    long rows, columns;
    /// One for each column, or NULL: zeros.
    const float *center;
    /// Nonzero: all columns have the same scale.
    int shared;
    uint8_t *out;
    /// One for each column; `factors` is only memory to work in.
    float *scales, *factors;
} ck_block_bytes;

/// The softmax of a block of rows of scores in units, as bytes: 255 is the row's highest.
typedef struct {
    /// Sums of bytes times signed bytes, and what each key's has too much.
    const int32_t *units, *shifts;
    uint8_t *probabilities;
    /// Elements from row to row of both.
    long stride;
    /// Probabilities beyond `valid` of a row, up to `count`, a multiple of 16, are zero.
    long rows, valid, count;
    /// What a unit is worth: the product of the two.
    float scale;
    const float *row_scales;
    /// Of each row: the highest score, and the sum of its probabilities.
    float *highest, *totals;
} ck_byte_softmax;

/// out = out * keep + units * scales * part.
typedef struct {
    const int32_t *units;
    float *out;
    /// `columns` is a multiple of 16, and dense in both.
    long rows, columns;
    /// One for each column.
    const float *scales;
    /// One for each row.
    const float *keep, *part;
} ck_byte_output;

/// The 4x4 input pixels of one tile of a transformed convolution (winograd.c).
typedef struct {
    const char *const *pixels;
    long channels;
    int type;
    /// The sixteen transforms, `stride` elements apart, of type `type`.
    void *out;
    long stride;
} ck_tile_inputs;

/// The products of some tiles of one line, and the two lines of pixels that they make.
typedef struct {
    /// Sixteen times [tiles][CK_PANEL], `stride` apart.
    const float *products;
    long stride, tiles;
    /// A multiple of 16.
    long columns;
    /// [2 * tiles][CK_PANEL]
    float *upper, *lower;
} ck_tile_outputs;

typedef struct {
    void (*micro_f32)(const ck_micro *);
    void (*micro_bf16)(const ck_micro *);
    /// Bytes of A times signed bytes of B; the accumulators are int32 in the memory of `c`.
    void (*micro_i8)(const ck_micro *);
    /// Makes f32 of `width` int32 accumulators of each row.
    void (*dequantize)(const ck_dequantize *);
    void (*quantize)(const ck_quantize *, long row);
    void (*finish)(const ck_finish *);
    void (*tile_inputs)(const ck_tile_inputs *);
    void (*tile_outputs)(const ck_tile_outputs *);
    void (*softmax)(const ck_softmax *);
    void (*block_bytes)(const ck_block_bytes *);
    void (*byte_softmax)(const ck_byte_softmax *);
    void (*byte_output)(const ck_byte_output *);
    void (*map)(const ck_map *, size_t from, size_t to);
    void (*gate)(const ck_gate *, long row);
    void (*layer_norm)(const ck_layer_norm *, long row);
    /// Three rows of `channels`: the first row of x, then the sums and the sums of squares of
    /// the differences from it.
    void (*moments)(const void *x, int type, long rows, long channels, float *to);
    void (*affine)(
        const void *x, void *out, int type, long rows, long channels, const float *a,
        const float *b, int silu);
    void (*to_f32)(float *out, const void *x, int type, size_t count);
    void (*to_bf16)(uint16_t *out, const float *x, size_t count);
    /// Sixteen rows of `lanes` 32-bit lanes, `row_bytes` apart and unaligned, become sixteen
    /// neighbouring columns.
    void (*transpose)(
        uint32_t *columns, long column_stride, const char *rows, size_t row_bytes, long lanes);
} ck_kernels;

extern const ck_kernels ck_kernels_plain;
extern const ck_kernels ck_kernels_avx2;
extern const ck_kernels ck_kernels_avx512;
extern const ck_kernels ck_kernels_avx512bf16;

/// The kernels of a level, never above what the machine can run.
const ck_kernels *ck_kernels_at(int level);

/// Writes `count` neighbouring pixels of one picture from `c`, CK_PANEL apart: the columns of
/// `panel` from pixel `first` of all pictures on.
void ck_finish_pixels(
    const ck_gemm *gemm, const ck_kernels *kernels, long panel, long first, long count,
    const float *c);

/// The small factor of a change in panels of CK_PANEL columns, for ck_merge_rows; NULL for want of
/// memory, otherwise for free().
float *ck_pack_factor(const ck_low_rank *change, long columns);

/// Some rows of a stored matrix, at most 24, to which a change is added.
typedef struct {
    const void *base;
    int base_type;
    const ck_low_rank *change;
    /// From ck_pack_factor.
    const float *packed;
    long first, count, columns;
} ck_merge_rows_work;
/// Writes [count] rows, ck_round(columns, 16) apart, zero behind the last column.
void ck_merge_rows(const ck_kernels *kernels, const ck_merge_rows_work *work, float *out);

/// A product with transformed weights.
int ck_winograd_run(ck_pool *pool, int level, const ck_gemm *gemm);

static inline size_t ck_size(int type) {
    return type == CK_F32 ? 4 : type == CK_BF16 || type == CK_F16 ? 2 : 1;
}

static inline size_t ck_align(size_t bytes) { return (bytes + 63) / 64 * 64; }

/// The next `bytes` of scratch; NULL while only the total is wanted.
static inline void *ck_take(char *scratch, size_t *used, size_t bytes) {
    void *here = scratch ? scratch + *used : NULL;
    *used += ck_align(bytes);
    return here;
}

static inline long ck_round(long value, long multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

static inline long ck_min(long a, long b) { return a < b ? a : b; }

#endif
