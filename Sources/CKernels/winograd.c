#include "kernels.h"

// 3x3 convolutions of stride 1 as Winograd's F(2x2, 3x3): Lavin and Gray, "Fast Algorithms for
// Convolutional Neural Networks" (2015). Each tile of 2x2 output pixels reads 4x4 input pixels;
// both those and the weights are transformed to sixteen values, whose sixteen products take 4
// multiplications per output where the plain sum takes 9. The transforms of the tile are sums and
// differences in f32; what the products read is rounded to the activations' type.

enum {
    TAPS = 16,
    /// Tiles whose transforms are multiplied together.
    TILES = 48,
    MINIMUM_TASKS = 32,
};

typedef struct {
    const ck_gemm *gemm;
    const ck_kernels *kernels;
    size_t element;
    // Tiles of one picture, and of all.
    long high, wide, tiles;
    long blocks, panels, group, groups;
} plan;

static plan make_plan(const ck_gemm *g, int level) {
    plan p = {.gemm = g, .kernels = ck_kernels_at(level), .element = ck_size(g->type)};
    p.high = (g->out_height + 1) / 2;
    p.wide = (g->out_width + 1) / 2;
    p.tiles = g->pictures * p.high * p.wide;
    p.blocks = (p.tiles + TILES - 1) / TILES;
    p.panels = (g->outputs + CK_PANEL - 1) / CK_PANEL;
    // The inputs of a block are transformed once for each group of panels.
    long wanted = ck_min(p.panels, (MINIMUM_TASKS + p.blocks - 1) / p.blocks);
    p.group = (p.panels + wanted - 1) / wanted;
    p.groups = (p.panels + p.group - 1) / p.group;
    return p;
}

/// What one task works on.
typedef struct {
    char *zeros;
    /// Transformed inputs [TAPS][TILES][inputs].
    char *inputs;
    const char *rows[TAPS * TILES];
    /// Products [TAPS][TILES][CK_PANEL].
    float *products;
    /// Two lines of output pixels [2][2 * TILES][CK_PANEL].
    float *lines;
} block;

/// Lays a block out in scratch; its first bytes hold the block itself.
static size_t carve(const plan *p, char *scratch, block **b) {
    size_t used = 0, pixel = (size_t)p->gemm->inputs * p->element;
    block at = {0};
    *b = ck_take(scratch, &used, sizeof **b);
    at.zeros = ck_take(scratch, &used, pixel);
    at.inputs = ck_take(scratch, &used, TAPS * TILES * pixel);
    at.products = ck_take(scratch, &used, TAPS * TILES * CK_PANEL * sizeof(float));
    at.lines = ck_take(scratch, &used, 4 * TILES * CK_PANEL * sizeof(float));
    if (*b) **b = at;
    return used;
}

/// The sixteen pixels of a tile; those outside the picture read zeros.
static void gather(const plan *p, long tile, const char *zeros, const char **pixels) {
    const ck_gemm *g = p->gemm;
    long in_picture = tile % (p->high * p->wide), picture = tile / (p->high * p->wide);
    long top = in_picture / p->wide * 2 - g->pad_top;
    long left = in_picture % p->wide * 2 - g->pad_left;
    long height = g->upsample ? 2 * g->in_height : g->in_height;
    long width = g->upsample ? 2 * g->in_width : g->in_width;
    for (long i = 0; i < TAPS; i++) {
        long y = top + i / 4, x = left + i % 4;
        if (y < 0 || x < 0 || y >= height || x >= width) {
            pixels[i] = zeros;
            continue;
        }
        if (g->upsample) {
            y /= 2;
            x /= 2;
        }
        long at = (picture * g->in_height + y) * g->in_width + x;
        pixels[i] = (const char *)g->a + (size_t)(at * g->a_stride) * p->element;
    }
}

static void transform_inputs(const plan *p, long first, long count, const block *b) {
    const char *pixels[TAPS];
    long inputs = p->gemm->inputs;
    for (long t = 0; t < count; t++) {
        gather(p, first + t, b->zeros, pixels);
        ck_tile_inputs work = {
            .pixels = pixels, .channels = inputs, .type = p->gemm->type,
            .out = b->inputs + (size_t)(t * inputs) * p->element, .stride = TILES * inputs,
        };
        p->kernels->tile_inputs(&work);
    }
}

/// Transforms the products of a panel back and writes the pixels, one line of tiles at a time.
static void write_outputs(const plan *p, long panel, long first, long count, const block *b) {
    const ck_gemm *g = p->gemm;
    const long columns = ck_round(ck_min(CK_PANEL, g->outputs - panel * CK_PANEL), 16);
    for (long t = 0; t < count;) {
        long line = (first + t) / p->wide, column = (first + t) % p->wide;
        long run = ck_min(count - t, p->wide - column);
        ck_tile_outputs work = {
            .products = b->products + t * CK_PANEL, .stride = TILES * CK_PANEL, .tiles = run,
            .columns = columns, .upper = b->lines, .lower = b->lines + 2 * TILES * CK_PANEL,
        };
        p->kernels->tile_outputs(&work);
        long picture = line / p->high, y = line % p->high * 2, x = column * 2;
        long pixels = ck_min(2 * run, g->out_width - x);
        for (long i = 0; i < 2 && y + i < g->out_height; i++)
            ck_finish_pixels(
                g, p->kernels, panel, (picture * g->out_height + y + i) * g->out_width + x, pixels,
                i ? work.lower : work.upper);
        t += run;
    }
}

static void run_tile(const void *work, long tile, void *scratch) {
    const plan *p = work;
    const ck_gemm *g = p->gemm;
    block *b;
    carve(p, scratch, &b);
    const size_t pixel = (size_t)g->inputs * p->element;
    memset(b->zeros, 0, pixel);
    long first = tile % p->blocks * TILES, count = ck_min(TILES, p->tiles - first);
    transform_inputs(p, first, count, b);
    for (long i = 0; i < TAPS * TILES; i++) b->rows[i] = b->inputs + (size_t)i * pixel;
    long panel = tile / p->blocks * p->group, end = ck_min(p->panels, panel + p->group);
    for (; panel < end; panel++) {
        long width = ck_min(CK_PANEL, ck_round(g->outputs - panel * CK_PANEL, 16));
        const char *weights = (const char *)g->packed
            + (size_t)(panel * CK_PANEL * TAPS * g->inputs) * p->element;
        for (long tap = 0; tap < TAPS; tap++) {
            ck_micro m = {
                .a = b->rows + tap * TILES, .segments = 1, .depth = g->inputs,
                .b = weights + (size_t)(tap * g->inputs * width) * p->element,
                .c = b->products + tap * TILES * CK_PANEL, .c_stride = CK_PANEL, .rows = count,
                .nv = (int)(width / 16),
            };
            if (g->type == CK_F32) p->kernels->micro_f32(&m);
            else p->kernels->micro_bf16(&m);
        }
        write_outputs(p, panel, first, count, b);
    }
}

int ck_winograd_run(ck_pool *pool, int level, const ck_gemm *gemm) {
    plan p = make_plan(gemm, level);
    block *none;
    return ck_pool_run(pool, p.blocks * p.groups, run_tile, &p, carve(&p, NULL, &none));
}
