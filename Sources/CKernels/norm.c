#include "kernels.h"

// Group statistics are taken per block of pixels and per channel, relative to the block's first
// pixel so that a large mean loses nothing, and joined in double precision in a fixed order.

enum { BLOCK_ELEMENTS = 32 << 10, LAYER_ELEMENTS = 16 << 10 };

typedef struct {
    const ck_group_norm *norm;
    const ck_kernels *kernels;
    long rows, blocks;
    size_t element;
} plan;

static plan make_plan(const ck_group_norm *norm, int level) {
    plan p = {.norm = norm, .kernels = ck_kernels_at(level), .element = ck_size(norm->type)};
    p.rows = BLOCK_ELEMENTS / norm->channels;
    if (p.rows < 1) p.rows = 1;
    p.blocks = (norm->pixels + p.rows - 1) / p.rows;
    return p;
}

/// Per picture: `blocks` triples of channel rows (shift, sum, squares), then two rows (a, b).
static size_t picture_floats(const plan *p) {
    return (size_t)((p->blocks * 3 + 2) * p->norm->channels);
}

size_t ck_group_norm_workspace(const ck_group_norm *norm) {
    plan p = make_plan(norm, CK_PLAIN);
    return (size_t)norm->pictures * picture_floats(&p) * sizeof(float);
}

static const char *block_start(const plan *p, long picture, long block) {
    size_t row = (size_t)(picture * p->norm->pixels + block * p->rows);
    return (const char *)p->norm->x + row * (size_t)p->norm->channels * p->element;
}

static float *picture_memory(const plan *p, long picture) {
    return (float *)p->norm->workspace + (size_t)picture * picture_floats(p);
}

static void measure(const void *work, long tile, void *scratch) {
    (void)scratch;
    const plan *p = work;
    long picture = tile / p->blocks, block = tile % p->blocks, channels = p->norm->channels;
    long rows = ck_min(p->rows, p->norm->pixels - block * p->rows);
    p->kernels->moments(
        block_start(p, picture, block), p->norm->type, rows, channels,
        picture_memory(p, picture) + block * 3 * channels);
}

/// Mean and variance of the channels `from` ..< `to` of one picture.
static void measured(
    const plan *p, const float *memory, long from, long to, double *mean, double *variance) {
    long channels = p->norm->channels;
    double count = 0, squares = 0;
    *mean = 0;
    for (long block = 0; block < p->blocks; block++) {
        double rows = (double)ck_min(p->rows, p->norm->pixels - block * p->rows);
        const float *at = memory + block * 3 * channels;
        for (long c = from; c < to; c++) {
            double sum = at[channels + c], average = at[c] + sum / rows;
            double own = at[2 * channels + c] - sum * sum / rows;
            double delta = average - *mean, total = count + rows;
            squares += own + delta * delta * count * rows / total;
            *mean += delta * rows / total;
            count = total;
        }
    }
    *variance = squares / count;
}

/// Mean and variance of one group of one picture, then the channels' factors and offsets.
static void join(const void *work, long tile, void *scratch) {
    (void)scratch;
    const plan *p = work;
    const ck_group_norm *norm = p->norm;
    long picture = tile / norm->groups, size = norm->channels / norm->groups;
    long from = tile % norm->groups * size;
    float *memory = picture_memory(p, picture);
    double own[2], *statistics = norm->statistics ? norm->statistics + tile * 2 : own;
    if (!norm->given) measured(p, memory, from, from + size, &statistics[0], &statistics[1]);
    double inverse = 1 / sqrt(statistics[1] + (double)norm->epsilon);
    float *a = memory + p->blocks * 3 * norm->channels, *b = a + norm->channels;
    for (long c = from; c < from + size; c++) {
        double factor = inverse * (double)norm->gamma[c];
        a[c] = (float)factor;
        b[c] = (float)((double)norm->beta[c] - statistics[0] * factor);
    }
}

static void apply(const void *work, long tile, void *scratch) {
    (void)scratch;
    const plan *p = work;
    const ck_group_norm *norm = p->norm;
    long picture = tile / p->blocks, block = tile % p->blocks;
    long rows = ck_min(p->rows, norm->pixels - block * p->rows);
    const char *x = block_start(p, picture, block);
    char *out = (char *)norm->out + (x - (const char *)norm->x);
    const float *a = picture_memory(p, picture) + p->blocks * 3 * norm->channels;
    p->kernels->affine(
        x, out, norm->type, rows, norm->channels, a, a + norm->channels, norm->silu);
}

int ck_group_norm_run(ck_pool *pool, int level, const ck_group_norm *norm) {
    plan p = make_plan(norm, level);
    if (p.blocks == 0) return 0;
    int status =
        norm->given ? 0 : ck_pool_run(pool, norm->pictures * p.blocks, measure, &p, 0);
    if (!status) status = ck_pool_run(pool, norm->pictures * norm->groups, join, &p, 0);
    if (!status && norm->out)
        status = ck_pool_run(pool, norm->pictures * p.blocks, apply, &p, 0);
    return status;
}

typedef struct {
    const ck_layer_norm *norm;
    const ck_kernels *kernels;
    long rows;
} layer_plan;

static void layer_tile(const void *work, long tile, void *scratch) {
    (void)scratch;
    const layer_plan *p = work;
    long end = ck_min(p->norm->rows, (tile + 1) * p->rows);
    for (long row = tile * p->rows; row < end; row++) p->kernels->layer_norm(p->norm, row);
}

int ck_layer_norm_run(ck_pool *pool, int level, const ck_layer_norm *norm) {
    layer_plan p = {.norm = norm, .kernels = ck_kernels_at(level)};
    if (norm->columns < 1) return 0;
    p.rows = LAYER_ELEMENTS / norm->columns + 1;
    return ck_pool_run(pool, (norm->rows + p.rows - 1) / p.rows, layer_tile, &p, 0);
}
