#include "kernels.h"

// A product is cut into blocks of rows by groups of panels; a group's weights are small enough to
// stay in the caches while all blocks pass over them, so that memory delivers each weight once.
// Inside a block the depth is cut into chunks whose slice of a panel stays in the second-level
// cache while all rows pass over it.
// Each output element is summed over the depth in one fixed order, whatever the cut.

enum {
    BLOCK_ROWS = 192,
    STRIP_ROWS = 24,
    CHUNK_BYTES = 384 << 10,
    GROUP_BYTES = 2 << 20,
    MINIMUM_TASKS = 32,
};

typedef struct {
    const ck_gemm *gemm;
    const ck_kernels *kernels;
    long rows, block_rows, blocks, panels, columns, group, groups;
    int taps;
    /// Of the operands, and its size.
    int type;
    size_t element;
    long depth;
    // Depth per chunk when there is one tap, or taps per chunk.
    long chunk_depth;
    int chunk_taps;
} plan;

long ck_interleaved_column(long output, long outputs) {
    long half = outputs / 2, unit = output % half;
    return unit / 16 * 32 + (output >= half ? 16 : 0) + unit % 16;
}

static plan make_plan(const ck_gemm *g, int level) {
    plan p = {.gemm = g, .kernels = ck_kernels_at(level)};
    p.rows = g->pictures * g->out_height * g->out_width;
    p.columns = g->activation == CK_GEGLU ? 2 * ck_round(g->outputs, 16) : g->outputs;
    p.panels = (p.columns + CK_PANEL - 1) / CK_PANEL;
    // Small products are cut finer, so that a few threads share them evenly.
    p.block_rows = BLOCK_ROWS;
    while (p.block_rows > 48 && p.rows * p.panels < MINIMUM_TASKS * p.block_rows)
        p.block_rows /= 2;
    p.blocks = (p.rows + p.block_rows - 1) / p.block_rows;
    p.taps = g->kernel_height * g->kernel_width;
    p.type = g->row_scales ? CK_I8 : g->type;
    p.element = ck_size(p.type);
    p.depth = g->inputs * p.taps;
    long wanted = (MINIMUM_TASKS + p.blocks - 1) / p.blocks;
    p.group = p.panels / (wanted < p.panels ? wanted : p.panels);
    long row_bytes = CK_PANEL * (long)p.element;
    p.group = ck_min(p.group, GROUP_BYTES / (row_bytes * p.depth));
    if (p.group < 1) p.group = 1;
    p.groups = (p.panels + p.group - 1) / p.group;
    p.chunk_taps = (int)(CHUNK_BYTES / (row_bytes * g->inputs));
    // In int8 each tap reads pixels of its own scales.
    if (p.chunk_taps < 1 || p.type == CK_I8) p.chunk_taps = 1;
    p.chunk_depth = p.taps > 1 ? g->inputs : ck_min(g->inputs, CHUNK_BYTES / row_bytes / 4 * 4);
    return p;
}

/// The address of every row of A under every tap; taps outside the picture read zeros. In int8
/// also what a unit of the row is worth.
static void gather(
    const plan *p, long first, long count, const char *zeros, const char **rows, float *scales) {
    const ck_gemm *g = p->gemm;
    long pixels = g->out_height * g->out_width;
    long height = g->upsample ? 2 * g->in_height : g->in_height;
    long width = g->upsample ? 2 * g->in_width : g->in_width;
    long picture = first / pixels, line = first % pixels / g->out_width;
    long column = first % g->out_width;
    for (long i = 0; i < count; i++) {
        long y0 = line * g->stride - g->pad_top, x0 = column * g->stride - g->pad_left;
        int tap = 0;
        for (long y = y0; y < y0 + g->kernel_height; y++)
            for (long x = x0; x < x0 + g->kernel_width; x++, tap++) {
                long to = tap * BLOCK_ROWS + i;
                if (y < 0 || x < 0 || y >= height || x >= width) {
                    rows[to] = zeros;
                    if (p->type == CK_I8) scales[to] = 0;
                    continue;
                }
                long in_y = g->upsample ? y / 2 : y, in_x = g->upsample ? x / 2 : x;
                long at = (picture * g->in_height + in_y) * g->in_width + in_x;
                rows[to] = (const char *)g->a + (size_t)(at * g->a_stride) * p->element;
                if (p->type == CK_I8) scales[to] = g->row_scales[at];
            }
        if (++column < g->out_width) continue;
        column = 0;
        if (++line < g->out_height) continue;
        line = 0;
        picture++;
    }
}

void ck_finish_pixels(
    const ck_gemm *g, const ck_kernels *kernels, long panel, long first, long count,
    const float *c) {
    long picture = first / (g->out_height * g->out_width);
    long width = g->activation == CK_GEGLU ? CK_PANEL / 2 : CK_PANEL, column = panel * width;
    size_t at = (size_t)(first * g->outputs + column);
    ck_finish f = {
        .c = c,
        .rows = count,
        .bias = g->bias ? g->bias + panel * CK_PANEL : NULL,
        .channel_bias = g->channel_bias ? g->channel_bias + picture * g->outputs + column : NULL,
        .stride = g->outputs,
        .residual = g->residual ? (const char *)g->residual + at * ck_size(g->type) : NULL,
        .residual_type = g->type,
        .out = (char *)g->out + at * ck_size(g->out_type),
        .out_type = g->out_type,
        .columns = ck_min(width, g->outputs - column),
        .activation = g->activation,
    };
    kernels->finish(&f);
}

/// Writes rows of one panel; rows of different pictures get different channel biases.
static void finish_rows(const plan *p, long panel, long first, long rows, const float *c) {
    long pixels = p->gemm->out_height * p->gemm->out_width;
    for (long r = 0; r < rows;) {
        long picture = (first + r) / pixels;
        long count = ck_min(rows - r, (picture + 1) * pixels - first - r);
        ck_finish_pixels(p->gemm, p->kernels, panel, first + r, count, c + r * CK_PANEL);
        r += count;
    }
}

static void multiply(const plan *p, const ck_micro *m) {
    switch (p->type) {
    case CK_F32: p->kernels->micro_f32(m); break;
    case CK_BF16: p->kernels->micro_bf16(m); break;
    default: p->kernels->micro_i8(m); break;
    }
}

/// Turns int32 sums into f32: those of a linear layer in their place when all depth is done,
/// those of a convolution after each tap.
static void dequantize(
    const plan *p, long panel, int tap, const float *scales, const ck_micro *m, float *c,
    int is_last) {
    const ck_gemm *g = p->gemm;
    long columns = ck_round(p->columns, CK_PANEL);
    ck_dequantize d = {
        .units = (const int32_t *)(const void *)m->c,
        .c = c,
        .rows = m->rows,
        .width = m->nv * 16,
        .add = tap > 0,
        .row_scales = scales,
        .column_sums = g->column_sums + tap * columns + panel * CK_PANEL,
        .column_scales = is_last ? g->column_scales + panel * CK_PANEL : NULL,
    };
    p->kernels->dequantize(&d);
}

/// What the tiles of one block of rows share.
typedef struct {
    const char **rows;
    /// [taps][BLOCK_ROWS], for int8.
    float *scales;
    /// Accumulators [BLOCK_ROWS][CK_PANEL].
    float *c;
} block;

static void fetch(const void *start, size_t bytes, int is_written) {
    for (size_t i = 0; i < bytes; i += 64)
        if (is_written) __builtin_prefetch((const char *)start + i, 1);
        else __builtin_prefetch((const char *)start + i, 0);
}

/// Asks for the memory that the end of a strip will touch, while its products still run: pieces of
/// rows far apart, which the processor does not foresee.
static void fetch_ahead(const plan *p, long panel, long first, long rows) {
    const ck_gemm *g = p->gemm;
    long width = g->activation == CK_GEGLU ? CK_PANEL / 2 : CK_PANEL;
    size_t columns = (size_t)ck_min(width, g->outputs - panel * width);
    for (long r = first; r < first + rows; r++) {
        size_t at = (size_t)(r * g->outputs + panel * width), out = ck_size(g->out_type);
        fetch((const char *)g->out + at * out, columns * out, 1);
        if (g->residual)
            fetch(
                (const char *)g->residual + at * ck_size(g->type), columns * ck_size(g->type), 0);
    }
}

/// One panel of columns for one block of rows.
static void run_panel(const plan *p, long panel, long first, long count, const block *k) {
    const ck_gemm *g = p->gemm;
    const int by_tap = p->type == CK_I8 && p->taps > 1;
    long width = ck_min(CK_PANEL, ck_round(p->columns - panel * CK_PANEL, 16));
    const char *b = (const char *)g->packed + (size_t)(panel * CK_PANEL * p->depth) * p->element;
    float units[STRIP_ROWS * CK_PANEL];
    ck_micro m = {
        .a_segment = BLOCK_ROWS, .c_stride = CK_PANEL, .nv = (int)(width / 16),
    };
    for (long at = 0; at < p->depth;) {
        int tap = (int)(at / g->inputs);
        m.segments = (int)ck_min(p->chunk_taps, p->taps - tap);
        m.a_offset = p->taps > 1 ? 0 : at * (long)p->element;
        m.depth = p->taps > 1 ? g->inputs : ck_min(p->chunk_depth, p->depth - at);
        m.b = b + (size_t)(at * width) * p->element;
        m.load = at > 0 && !by_tap;
        at += m.depth * m.segments;
        const int is_last = at >= p->depth;
        // A few register tiles at a time, finished while they are still in the first-level cache.
        for (long i = 0; i < count; i += STRIP_ROWS) {
            float *c = k->c + i * CK_PANEL;
            m.a = k->rows + tap * BLOCK_ROWS + i;
            m.rows = ck_min(STRIP_ROWS, count - i);
            m.c = by_tap ? units : c;
            if (is_last) fetch_ahead(p, panel, first + i, m.rows);
            multiply(p, &m);
            if (by_tap || (is_last && p->type == CK_I8))
                dequantize(
                    p, panel, tap, k->scales + tap * BLOCK_ROWS + i, &m, c, is_last);
            if (is_last) finish_rows(p, panel, first + i, m.rows, c);
        }
    }
}

static size_t zeros_bytes(const plan *p) {
    return ck_align((size_t)p->gemm->inputs * p->element);
}

static size_t table_bytes(const plan *p) {
    return ck_align((size_t)p->taps * BLOCK_ROWS * sizeof(char *));
}

static size_t scales_bytes(const plan *p) {
    return p->type == CK_I8 ? ck_align((size_t)p->taps * BLOCK_ROWS * sizeof(float)) : 0;
}

static void run_tile(const void *work, long tile, void *scratch) {
    const plan *p = work;
    long row = tile % p->blocks, group = tile / p->blocks;
    long first = row * p->block_rows, count = ck_min(p->block_rows, p->rows - first);
    char *zeros = scratch;
    block k = {.rows = (const char **)(void *)(zeros + zeros_bytes(p))};
    k.scales = (float *)(void *)((char *)k.rows + table_bytes(p));
    k.c = (float *)(void *)((char *)k.scales + scales_bytes(p));
    memset(zeros, 0, zeros_bytes(p));
    gather(p, first, count, zeros, k.rows, k.scales);
    long end = ck_min(p->panels, (group + 1) * p->group);
    for (long panel = group * p->group; panel < end; panel++)
        run_panel(p, panel, first, count, &k);
}

int ck_gemm_run(ck_pool *pool, int level, const ck_gemm *gemm) {
    if (gemm->pictures * gemm->out_height * gemm->out_width * gemm->outputs == 0) return 0;
    if (gemm->transformed) return ck_winograd_run(pool, level, gemm);
    plan p = make_plan(gemm, level);
    size_t scratch = zeros_bytes(&p) + table_bytes(&p) + scales_bytes(&p)
        + BLOCK_ROWS * CK_PANEL * sizeof(float);
    return ck_pool_run(pool, p.blocks * p.groups, run_tile, &p, scratch);
}
