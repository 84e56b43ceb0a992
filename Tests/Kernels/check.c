// Every kernel at every level this machine can run against its plain C twin, on odd sizes, with all
// buffers exactly as large as they must be. Made for the sanitizers: `sh Tests/Kernels/check.sh`.

#include "CKernels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ck_pool *pool;
static int failures, checks;

/// Heap memory of exactly this size, so that a step outside is seen.
static void *room(size_t bytes) {
    void *memory = malloc(bytes ? bytes : 1);
    if (!memory) abort();
    memset(memory, 0, bytes);
    return memory;
}

static size_t size_of(int type) { return type == CK_F32 ? 4 : type == CK_I8 ? 1 : 2; }

static void *numbers(int type, size_t count, uint64_t seed) {
    void *memory = room(count * size_of(type));
    ck_fill_random(pool, memory, type, count, seed, 1);
    return memory;
}

/// Compares two results of `count` elements; `bound` is relative to the largest value.
static void compare(
    const char *name, int level, const void *found, const void *expected, int type, size_t count,
    double bound) {
    double largest = 0, distance = 0;
    for (size_t i = 0; i < count; i++) {
        double x = ck_float_from(found, type, i), y = ck_float_from(expected, type, i);
        if (!isfinite(x)) distance = INFINITY;
        largest = fmax(largest, fabs(y));
        distance = fmax(distance, fabs(x - y));
    }
    checks++;
    if (distance <= bound * fmax(largest, 1e-3)) return;
    failures++;
    printf("level %d, %s: off by %g of %g\n", level, name, distance, largest);
}

static double bound_of(int type) { return type == CK_F32 ? 2e-5 : 1.0 / 64; }

typedef struct {
    long height, width, inputs, outputs;
    int kernel, stride, upsample, activation;
} product_case;

/// `transformed` computes a 3x3 kernel as Winograd does.
static void *product(
    const product_case *c, int level, int type, int packed_type, int transformed) {
    long taps = c->kernel * c->kernel, factor = c->upsample ? 2 : 1, pad = c->kernel / 2;
    long out_height = (c->height * factor + 2 * pad - c->kernel) / c->stride + 1;
    long out_width = (c->width * factor + 2 * pad - c->kernel) / c->stride + 1;
    int gated = c->activation == CK_GEGLU;
    long rows = gated ? 2 * c->outputs : c->outputs;
    long columns = gated ? 2 * ((c->outputs + 15) / 16 * 16) : c->outputs;
    long padded = (columns + 63) / 64 * 64, pixels = 2 * c->height * c->width;
    size_t results = (size_t)(2 * out_height * out_width * c->outputs);
    // bf16 activations come in pairs of channels.
    long inputs = type == CK_BF16 && packed_type == CK_BF16 ? (c->inputs + 1) / 2 * 2 : c->inputs;
    void *weights = numbers(CK_F32, (size_t)(rows * inputs * taps), 1);
    void *x = numbers(type, (size_t)(pixels * inputs), 2);
    void *residual = numbers(type, results, 3);
    void *packed = room(ck_packed_bytes(packed_type, columns, inputs, transformed ? 16 : taps));
    float *scales = room((size_t)padded * 4), *bias = numbers(CK_F32, (size_t)padded, 4);
    float *per_picture = numbers(CK_F32, (size_t)(2 * c->outputs), 5);
    int32_t *sums = room((size_t)(padded * taps) * 4);
    ck_pack pack = {
        .source = weights, .source_type = CK_F32, .outputs = columns, .source_outputs = rows,
        .inputs = inputs, .taps = taps, .packed = packed, .type = packed_type, .scales = scales,
        .sums = sums, .interleaved = gated, .transformed = transformed,
    };
    ck_pack_weights(pool, level, &pack);
    void *out = room(results * size_of(type));
    ck_gemm g = {
        .a = x, .a_stride = inputs, .type = type, .pictures = 2, .in_height = c->height,
        .in_width = c->width, .inputs = inputs, .out_height = out_height,
        .out_width = out_width, .outputs = c->outputs, .kernel_height = c->kernel,
        .kernel_width = c->kernel, .stride = c->stride, .pad_top = (int)pad,
        .pad_left = (int)pad, .upsample = c->upsample, .packed = packed, .bias = bias,
        .channel_bias = gated ? NULL : per_picture, .residual = residual, .out = out,
        .out_type = type, .activation = c->activation, .transformed = transformed,
    };
    long quads = (inputs + 3) / 4 * 4;
    uint8_t *bytes = room((size_t)(pixels * quads));
    float *row_scales = room((size_t)pixels * 4);
    if (packed_type == CK_I8) {
        ck_quantize q = {x, type, pixels, inputs, bytes, row_scales};
        ck_quantize_run(pool, level, &q);
        g.a = bytes;
        g.a_stride = g.inputs = quads;
        g.row_scales = row_scales;
        g.column_scales = scales;
        g.column_sums = sums;
    }
    if (ck_gemm_run(pool, level, &g)) failures++;
    void *all[] = {weights, x, residual, packed, scales, bias, per_picture, sums, bytes, row_scales};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    return out;
}

static void check_product(
    const product_case *c, long index, int level, int type, int packed_type) {
    long factor = c->upsample ? 2 : 1, pad = c->kernel / 2;
    long height = (c->height * factor + 2 * pad - c->kernel) / c->stride + 1;
    long width = (c->width * factor + 2 * pad - c->kernel) / c->stride + 1;
    size_t results = (size_t)(2 * height * width * c->outputs);
    char name[64];
    void *expected = product(c, CK_PLAIN, type, packed_type, 0);
    void *found = product(c, level, type, packed_type, 0);
    snprintf(name, sizeof name, "product %ld of types %d, %d", index, type, packed_type);
    compare(name, level, found, expected, type, results, bound_of(type));
    free(found);
    if (c->kernel == 3 && c->stride == 1 && packed_type != CK_I8) {
        found = product(c, level, type, packed_type, 1);
        snprintf(name, sizeof name, "transformed product %ld of type %d", index, type);
        compare(name, level, found, expected, type, results, bound_of(type));
        free(found);
    }
    free(expected);
}

static void check_products(int level) {
    static const product_case cases[] = {
        {1, 1, 1, 1, 1, 1, 0, CK_NONE},       {1, 7, 33, 17, 1, 1, 0, CK_GELU},
        {5, 9, 67, 129, 1, 1, 0, CK_GEGLU},   {1, 201, 6503, 3, 1, 1, 0, CK_NONE},
        {5, 7, 3, 5, 3, 1, 0, CK_SILU},       {9, 8, 12, 70, 3, 2, 0, CK_NONE},
        {6, 11, 130, 33, 3, 1, 1, CK_NONE},   {1, 1, 2, 1, 3, 1, 0, CK_QUICKGELU},
        {3, 2, 700, 65, 3, 1, 0, CK_RELU},    {17, 13, 48, 100, 3, 1, 0, CK_NONE},
    };
    static const int types[][2] = {
        {CK_F32, CK_F32}, {CK_BF16, CK_BF16}, {CK_F32, CK_I8}, {CK_BF16, CK_I8},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t t = 0; t < 4; t++)
            check_product(&cases[i], (long)i, level, types[t][0], types[t][1]);
}

static void *attention(
    int level, int type, long dim, long queries, long keys, int causal, int is_int8) {
    long heads = 3, width = heads * dim;
    void *q = numbers(type, (size_t)(2 * queries * width), 1);
    void *k = numbers(type, (size_t)(2 * keys * width), 2);
    void *v = numbers(type, (size_t)(2 * keys * width), 3);
    void *out = room((size_t)(2 * queries * width) * size_of(type));
    ck_attention a = {
        .q = q, .k = k, .v = v, .out = out, .q_stride = width, .k_stride = width,
        .v_stride = width, .out_stride = width, .batch = 2, .heads = heads, .dim = dim,
        .queries = queries, .keys = keys, .scale = 1 / sqrtf((float)dim), .causal = causal,
        .type = type,
    };
    a.workspace = room(is_int8 ? ck_attention_int8_workspace(&a) : ck_attention_workspace(&a));
    if (is_int8 ? ck_attention_int8_run(pool, level, &a) : ck_attention_run(pool, level, &a))
        failures++;
    void *all[] = {q, k, v, a.workspace};
    for (size_t i = 0; i < 4; i++) free(all[i]);
    return out;
}

static void check_attention(int level) {
    static const long cases[][4] = {
        {1, 1, 1, 0}, {5, 7, 3, 0}, {64, 50, 77, 0}, {64, 77, 77, 1}, {72, 49, 300, 0},
        {33, 100, 513, 0}, {8, 65, 65, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int type = CK_F32; type <= CK_BF16; type++) {
            const long *c = cases[i];
            char name[64];
            snprintf(name, sizeof name, "attention %zu of type %d", i, type);
            void *expected = attention(CK_PLAIN, type, c[0], c[1], c[2], (int)c[3], 0);
            void *found = attention(level, type, c[0], c[1], c[2], (int)c[3], 0);
            compare(name, level, found, expected, type, (size_t)(2 * c[1] * 3 * c[0]),
                bound_of(type));
            free(expected);
            free(found);
        }
}

static void check_int8_attention(int level) {
    static const long cases[][3] = {
        {16, 1, 1}, {16, 7, 3}, {64, 50, 77}, {80, 49, 300}, {32, 100, 513}, {160, 13, 256},
        {64, 97, 1025},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int type = CK_F32; type <= CK_BF16; type++) {
            const long *c = cases[i];
            char name[64];
            snprintf(name, sizeof name, "int8 attention %zu of type %d", i, type);
            void *expected = attention(CK_PLAIN, type, c[0], c[1], c[2], 0, 1);
            void *found = attention(level, type, c[0], c[1], c[2], 0, 1);
            // A probability halfway between two bytes may go either way.
            compare(name, level, found, expected, type, (size_t)(2 * c[1] * 3 * c[0]), 1e-2);
            void *exact = attention(level, type, c[0], c[1], c[2], 0, 0);
            compare(name, level, found, exact, type, (size_t)(2 * c[1] * 3 * c[0]), 3e-2);
            free(expected);
            free(found);
            free(exact);
        }
}

static void check_norms(int level) {
    static const long cases[][3] = {{1, 1, 1}, {7, 6, 3}, {33, 96, 32}, {1000, 40, 5}, {5, 66, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int type = CK_F32; type <= CK_BF16; type++)
            for (int silu = 0; silu < 2; silu++) {
                long pixels = cases[i][0], channels = cases[i][1];
                size_t count = (size_t)(2 * pixels * channels);
                float *gamma = numbers(CK_F32, (size_t)channels, 1);
                float *beta = numbers(CK_F32, (size_t)channels, 2);
                void *x = numbers(type, count, 3), *results[4];
                for (int r = 0; r < 4; r++) {
                    int at = r % 2 ? level : CK_PLAIN;
                    results[r] = room(count * size_of(type));
                    if (r < 2) {
                        ck_group_norm n = {
                            .x = x, .out = results[r], .type = type, .pictures = 2,
                            .pixels = pixels, .channels = channels, .groups = cases[i][2],
                            .gamma = gamma, .beta = beta, .epsilon = 1e-5f, .silu = silu,
                        };
                        n.workspace = room(ck_group_norm_workspace(&n));
                        if (ck_group_norm_run(pool, at, &n)) failures++;
                        free(n.workspace);
                    } else {
                        ck_layer_norm n = {
                            x, results[r], type, 2 * pixels, channels, gamma, beta, 1e-5f,
                        };
                        if (ck_layer_norm_run(pool, at, &n)) failures++;
                    }
                }
                compare("group norm", level, results[1], results[0], type, count, bound_of(type));
                compare("layer norm", level, results[3], results[2], type, count, bound_of(type));
                for (int r = 0; r < 4; r++) free(results[r]);
                free(gamma);
                free(beta);
                free(x);
            }
}

static void check_elements(int level) {
    for (size_t count = 1; count < 70; count += 17)
        for (int type = CK_F32; type <= CK_BF16; type++) {
            void *x = numbers(type, 2 * count, 1), *y = numbers(type, count, 2);
            for (int activation = CK_NONE; activation <= CK_RELU; activation++) {
                if (activation == CK_GEGLU) continue;
                void *results[2];
                for (int r = 0; r < 2; r++) {
                    results[r] = room(count * size_of(type));
                    ck_map map = {x, y, results[r], type, count, 0.5f, 2, activation};
                    if (ck_map_run(pool, r ? level : CK_PLAIN, &map)) failures++;
                }
                compare("map", level, results[1], results[0], type, count, bound_of(type));
                free(results[0]);
                free(results[1]);
            }
            void *gated[2];
            for (int r = 0; r < 2; r++) {
                gated[r] = room(count * size_of(type));
                ck_gate gate = {x, gated[r], type, 1, (long)count};
                if (ck_gate_run(pool, r ? level : CK_PLAIN, &gate)) failures++;
            }
            compare("gate", level, gated[1], gated[0], type, count, bound_of(type));
            free(gated[0]);
            free(gated[1]);
            free(x);
            free(y);
        }
}

static void check_conversions(int level) {
    static const int from[] = {CK_F32, CK_BF16, CK_F16};
    for (size_t count = 1; count < 40000; count = count * 5 + 3)
        for (int i = 0; i < 3; i++)
            for (int to = CK_F32; to <= CK_BF16; to++) {
                void *x = numbers(from[i], count, 1), *results[2];
                for (int r = 0; r < 2; r++) {
                    results[r] = room(count * size_of(to));
                    if (ck_convert(pool, r ? level : CK_PLAIN, results[r], to, x, from[i], count))
                        failures++;
                }
                compare("conversion", level, results[1], results[0], to, count, 0);
                free(results[0]);
                free(results[1]);
                free(x);
            }
}

static void check_layouts(void) {
    long shape[3] = {2, 5, 7}, grid[4] = {2, 3, 5, 7};
    float *planes = numbers(CK_F32, 70, 1), *back = room(70 * 4);
    float *x = room(70 * 4), *small = numbers(CK_F32, 210, 2), *large = room(840 * 4);
    failures += ck_from_planes(pool, planes, x, CK_F32, shape) != 0;
    failures += ck_to_planes(pool, x, CK_F32, back, shape) != 0;
    compare("planes", CK_PLAIN, back, planes, CK_F32, 70, 0);
    failures += ck_upsample(pool, small, large, grid, 4) != 0;
    compare("enlarged", CK_PLAIN, large, small, CK_F32, 7, 0);
    ck_copy copy = {small, large, 30, 5, 28, 9, NULL};
    failures += ck_copy_rows(pool, &copy) != 0;
    free(planes);
    free(back);
    free(x);
    free(small);
    free(large);
}

/// A change of low rank: added up by hand, merged, and on the way into the packed layout, where it
/// gives the bytes of weights that were merged before.
static void check_change(
    int level, long rows, long inputs, int taps, int rank, int base_type, int packed_type,
    int gated, int transformed) {
    long columns = inputs * taps, outputs = gated ? 2 * ((rows / 2 + 15) / 16 * 16) : rows;
    void *base = numbers(base_type, (size_t)(rows * columns), 11);
    float *up = numbers(CK_F32, (size_t)(rows * rank), 12);
    float *down = numbers(CK_F32, (size_t)(rank * columns), 13);
    float *merged = room((size_t)(rows * columns) * 4), *expected = room((size_t)(rows * columns) * 4);
    for (long r = 0; r < rows; r++)
        for (long c = 0; c < columns; c++) {
            double sum = ck_float_from(base, base_type, (size_t)(r * columns + c));
            for (int k = 0; k < rank; k++)
                sum += (double)up[r * rank + k] * (double)down[k * columns + c];
            expected[r * columns + c] = (float)sum;
        }
    ck_low_rank change = {up, down, rank};
    ck_merge merge = {merged, CK_F32, base, base_type, change, rows, columns};
    if (ck_merge_low_rank(pool, level, &merge)) failures++;
    compare("merged", level, merged, expected, CK_F32, (size_t)(rows * columns), 1e-5);
    size_t bytes = ck_packed_bytes(packed_type, outputs, inputs, transformed ? 16 : taps);
    size_t padded = (size_t)(outputs + 63) / 64 * 64;
    char *both[2];
    for (int i = 0; i < 2; i++) {
        float *scales = room(padded * 4);
        int32_t *sums = room(padded * (size_t)taps * 4);
        both[i] = room(bytes);
        ck_pack pack = {
            .source = i ? base : merged, .source_type = i ? base_type : CK_F32,
            .outputs = outputs, .source_outputs = rows, .inputs = inputs, .taps = taps,
            .packed = both[i], .type = packed_type, .scales = scales, .sums = sums,
            .interleaved = gated, .transformed = transformed,
        };
        if (i) pack.change = change;
        if (ck_pack_weights(pool, level, &pack)) failures++;
        free(scales);
        free(sums);
    }
    checks++;
    if (memcmp(both[0], both[1], bytes)) {
        failures++;
        printf("level %d: changed weights of types %d, %d differ\n", level, base_type, packed_type);
    }
    void *all[] = {base, up, down, merged, expected, both[0], both[1]};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

static void check_changes(int level) {
    static const int types[] = {CK_F32, CK_BF16, CK_F16};
    for (int t = 0; t < 3; t++) {
        check_change(level, 40, 33, 1, 1, types[t], CK_F32, 0, 0);
        check_change(level, 75, 140, 1, 5, types[t], CK_BF16, 0, 0);
        check_change(level, 66, 64, 1, 16, types[t], CK_BF16, 1, 0);
        check_change(level, 17, 70, 1, 3, types[t], CK_I8, 0, 0);
        check_change(level, 19, 18, 9, 4, types[t], CK_BF16, 0, 0);
        check_change(level, 33, 20, 9, 2, types[t], CK_BF16, 0, 1);
    }
}

int main(void) {
    pool = ck_pool_create(3);
    for (int level = CK_PLAIN; level <= ck_best_level(); level++) {
        check_products(level);
        check_attention(level);
        check_int8_attention(level);
        check_norms(level);
        check_elements(level);
        check_conversions(level);
        check_changes(level);
        printf("level %d done\n", level);
    }
    check_layouts();
    ck_pool_destroy(pool);
    printf("%d comparisons, %d failures\n", checks, failures);
    return failures > 0;
}
