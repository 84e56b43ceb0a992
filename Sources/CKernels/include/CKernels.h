#ifndef CKERNELS_H
#define CKERNELS_H

// Hand-written CPU kernels of the engine: matrix products with packed weights, attention,
// normalisation, element-wise operations and layout changes, on dense row-major arrays.
//
// Every output element is computed by one thread in an order that depends on shapes alone, so
// neither the number of threads nor the size of the batch changes a bit of any result.
// Nothing here allocates except where a comment says so.

#include <stddef.h>
#include <stdint.h>

/// How elements are stored. Activations are CK_F32 or CK_BF16; weights may come in any of them.
/// CK_I8 is made here only: whole numbers with a scale per row (activations) or column (weights).
enum { CK_F32 = 0, CK_BF16 = 1, CK_F16 = 2, CK_F8E4M3 = 3, CK_F8E5M2 = 4, CK_I8 = 5 };

/// Instruction sets, each including those before it.
enum { CK_PLAIN = 0, CK_AVX2 = 1, CK_AVX512 = 2, CK_AVX512BF16 = 3 };

/// Functions applied after a product. CK_GEGLU multiplies a value by the GELU of its gate.
enum { CK_NONE = 0, CK_SILU = 1, CK_GELU = 2, CK_QUICKGELU = 3, CK_GEGLU = 4, CK_RELU = 5 };

/// The highest level that this machine and its operating system can run.
int ck_best_level(void);
/// Whether the machine has AMX tiles for bf16, which these kernels do not use.
int ck_has_amx(void);
/// Names of the instruction sets that matter here and that the machine has, e.g. "avx2 avx512f".
void ck_cpu_features(char *text, size_t size);

// ---- Memory (allocates) ----

/// Page-backed memory, 2 MB aligned when large, zero-filled; NULL when there is none.
void *ck_allocate(size_t bytes);
void ck_release(void *memory, size_t bytes);
/// Reserves address space without memory behind it; pages appear when touched.
void *ck_reserve(size_t bytes);
/// Gives the pages inside the range back; they read as zero afterwards.
void ck_discard(void *memory, size_t bytes);
/// Tells the system that the pages of a mapped file inside the range are not needed for now.
void ck_discard_mapped(const void *memory, size_t bytes);
/// Asks the system to read the pages of a mapped file that touch the range, without waiting.
void ck_read_ahead(const void *memory, size_t bytes);

// ---- Threads (allocates at creation and when scratch grows) ----

/// Lowers the calling thread's priority to `niceness`, 0...19; it never rises again.
void ck_lower_priority(int niceness);

/// A fixed set of workers; the calling thread is one of them. One run at a time.
typedef struct ck_pool ck_pool;

/// Work on one tile: `scratch` belongs to the worker, 64-byte aligned.
typedef void (*ck_tile)(const void *work, long tile, void *scratch);

/// The workers have the priority of the thread that creates them.
ck_pool *ck_pool_create(int threads);
void ck_pool_destroy(ck_pool *pool);
int ck_pool_threads(const ck_pool *pool);
/// `stop` is asked by the calling thread between its tiles; nonzero ends the run early.
void ck_pool_set_stop(ck_pool *pool, int (*stop)(void *), void *context);
/// Runs every tile once. 0: all done, 1: stopped, 2: no memory for scratch.
int ck_pool_run(
    ck_pool *pool, long tiles, ck_tile tile, const void *work, size_t scratch_bytes);

// ---- Conversion ----

float ck_float_from(const void *source, int type, size_t index);
uint16_t ck_bf16_from_float(float value);
/// Fills `count` elements of CK_F32, CK_BF16 or CK_F16 with numbers spread evenly over
/// -bound...bound, the same for the same seed. Returns as ck_pool_run.
int ck_fill_random(
    ck_pool *pool, void *destination, int type, size_t count, uint64_t seed, float bound);
/// Converts `count` elements; `to` is CK_F32 or CK_BF16. Returns as ck_pool_run.
int ck_convert(
    ck_pool *pool, int level, void *destination, int to, const void *source, int from,
    size_t count);

/// A change of a stored matrix [rows, columns]: up * down, summed in f32.
typedef struct {
    /// [rows, rank]
    const float *up;
    /// [rank, columns]
    const float *down;
    long rank;
} ck_low_rank;

/// out = base + change, summed in f32.
typedef struct {
    void *out;
    /// CK_F32 or CK_BF16.
    int out_type;
    const void *base;
    int base_type;
    ck_low_rank change;
    long rows, columns;
} ck_merge;
/// Returns as ck_pool_run.
int ck_merge_low_rank(ck_pool *pool, int level, const ck_merge *merge);

// ---- Products ----

/// Bytes of `outputs` columns by `depth` rows in the packed layout: panels of 64 columns (the
/// last one rounded up to 16), each [depth][columns] in f32, [depth/2][columns][2] in bf16,
/// [depth/4][columns][4] in int8.
size_t ck_packed_bytes(int type, long outputs, long inputs, long taps);

/// Weights in PyTorch's layout [outputs, inputs, taps] (taps = kernel height * width).
typedef struct {
    const void *source;
    int source_type;
    /// Columns of the whole packed matrix, and the first one that this source fills.
    long outputs, first_output;
    /// Rows of this source.
    long source_outputs;
    long inputs, taps;
    /// Packed destination and its element type: CK_F32, CK_BF16 or CK_I8.
    void *packed;
    int type;
    /// For CK_I8, per packed column: what one unit is worth; and the sums of the units, [taps] rows
    /// of the columns rounded up to 64.
    float *scales;
    int32_t *sums;
    /// Added to the source; `rank` 0: nothing.
    ck_low_rank change;
    /// Nonzero: the source's two halves (values, gates) are interleaved in blocks of 16 columns.
    int interleaved;
    /// Nonzero: the nine taps of a 3x3 kernel become the sixteen of Winograd's F(2x2, 3x3), in
    /// f32 and bf16. The packed bytes are those of sixteen taps.
    int transformed;
} ck_pack;
/// Returns as ck_pool_run, and 2 for want of memory.
int ck_pack_weights(ck_pool *pool, int level, const ck_pack *pack);
/// The packed column where output `output` of `outputs` goes when halves are interleaved.
long ck_interleaved_column(long output, long outputs);

/// out = activation(gather(a) * packed + bias + channel_bias) + residual.
/// A linear layer is a 1x1 convolution over a picture of one line.
typedef struct {
    /// Input [pictures, in_height, in_width, inputs]; `a_stride` elements from pixel to pixel.
    const void *a;
    long a_stride;
    int type;
    long pictures, in_height, in_width, inputs;
    /// Output [pictures, out_height, out_width, columns], dense.
    long out_height, out_width, outputs;
    int kernel_height, kernel_width, stride, pad_top, pad_left;
    /// Nonzero: the input is read as if each pixel were repeated twice in both directions.
    int upsample;
    const void *packed;
    /// Nonzero: `packed` holds transformed weights of a 3x3 kernel; the stride is 1.
    int transformed;
    /// Set for a CK_I8 product, NULL otherwise: `a` then holds ck_quantize's rows, one per input
    /// pixel, and these are their scales, and the columns' scales and sums from ck_pack. `inputs`
    /// and `a_stride` are the rows' padded length.
    const float *row_scales, *column_scales;
    const int32_t *column_sums;
    /// Padded to a multiple of 16; may be NULL.
    const float *bias;
    /// [pictures, outputs]; may be NULL. Not for CK_GEGLU.
    const float *channel_bias;
    /// As the output, of type `type`; may be NULL.
    const void *residual;
    void *out;
    int out_type;
    int activation;
} ck_gemm;
int ck_gemm_run(ck_pool *pool, int level, const ck_gemm *gemm);

/// Whether products of CK_I8 run faster than others on this machine at this level.
int ck_has_int8(int level);
/// Rows of x as bytes round(x / scale) + 128 with scale = max |x| / 127; `columns` is padded to a
/// multiple of 4 in `out`.
typedef struct {
    const void *x;
    int type;
    long rows, columns;
    uint8_t *out;
    float *scales;
} ck_quantize;
int ck_quantize_run(ck_pool *pool, int level, const ck_quantize *quantize);

// ---- Attention ----

/// softmax(scale * q kᵀ) v per head. Rows of q, k, v, out hold `heads * dim` elements from each
/// pointer on and lie `*_stride` elements apart.
typedef struct {
    const void *q, *k, *v;
    void *out;
    long q_stride, k_stride, v_stride, out_stride;
    long batch, heads, dim, queries, keys;
    float scale;
    int causal;
    int type;
    /// ck_attention_workspace bytes.
    void *workspace;
} ck_attention;
size_t ck_attention_workspace(const ck_attention *attention);
int ck_attention_run(ck_pool *pool, int level, const ck_attention *attention);
/// The same with products of bytes, for a `dim` that is a multiple of 16 and without `causal`;
/// `workspace` has ck_attention_int8_workspace bytes.
size_t ck_attention_int8_workspace(const ck_attention *attention);
int ck_attention_int8_run(ck_pool *pool, int level, const ck_attention *attention);

/// out [rows, columns] = value * gelu(gate) for x [rows, 2 * columns] with the values first.
typedef struct {
    const void *x;
    void *out;
    int type;
    long rows, columns;
} ck_gate;
int ck_gate_run(ck_pool *pool, int level, const ck_gate *gate);

// ---- Normalisation ----

/// Group normalisation of [pictures, pixels, channels] with gamma and beta, then SiLU if asked.
typedef struct {
    const void *x;
    /// NULL: only the statistics are wanted.
    void *out;
    int type;
    long pictures, pixels, channels, groups;
    const float *gamma, *beta;
    float epsilon;
    int silu;
    /// NULL, or the mean and the variance of each group, [pictures][groups][2]: written, or used
    /// instead of x's own where `given`.
    double *statistics;
    int given;
    /// ck_group_norm_workspace bytes.
    void *workspace;
} ck_group_norm;
size_t ck_group_norm_workspace(const ck_group_norm *norm);
int ck_group_norm_run(ck_pool *pool, int level, const ck_group_norm *norm);

/// Layer normalisation of each of `rows` rows of `columns`; gamma and beta may be NULL.
typedef struct {
    const void *x;
    void *out;
    int type;
    long rows, columns;
    const float *gamma, *beta;
    float epsilon;
} ck_layer_norm;
int ck_layer_norm_run(ck_pool *pool, int level, const ck_layer_norm *norm);

// ---- Element by element, and layout ----

/// out = activation(x * scale + y * y_scale); y may be NULL.
typedef struct {
    const void *x, *y;
    void *out;
    int type;
    size_t count;
    float scale, y_scale;
    int activation;
} ck_map;
int ck_map_run(ck_pool *pool, int level, const ck_map *map);

/// Copies `rows` rows of `bytes`: row i goes from source + i * source_stride.
typedef struct {
    const void *source;
    void *destination;
    long rows;
    size_t bytes, source_stride, destination_stride;
    /// When not NULL, row i is read from row indices[i] of the source.
    const int32_t *indices;
} ck_copy;
int ck_copy_rows(ck_pool *pool, const ck_copy *copy);

/// [pictures, height, width, channels] to twice the height and width, nearest neighbour.
int ck_upsample(
    ck_pool *pool, const void *x, void *out, const long shape[4], size_t element_bytes);

/// f32 [pictures, channels, pixels] to [pictures, pixels, channels] of `type`, and back.
int ck_from_planes(
    ck_pool *pool, const float *planes, void *out, int type, const long shape[3]);
int ck_to_planes(ck_pool *pool, const void *x, int type, float *planes, const long shape[3]);

#endif
