#include "kernels.h"

#include <stdlib.h>

// A stored matrix plus a product of low rank. The small factor is packed once into panels of 64
// columns; each tile converts some rows of the base, adds the product on top with the same inner
// kernel as every other product, and writes them in the wanted type.

enum { ROWS = 24 };

typedef struct {
    const ck_merge *merge;
    const ck_kernels *kernels;
    const float *packed;
    long panels;
} plan;

static long panel_width(const plan *p, long panel) {
    return ck_min(CK_PANEL, ck_round(p->merge->columns - panel * CK_PANEL, 16));
}

static void merge_tile(const void *work, long tile, void *scratch) {
    const plan *p = work;
    const ck_merge *g = p->merge;
    long first = tile * ROWS, rows = ck_min(ROWS, g->rows - first);
    const char *factors[ROWS];
    for (long r = 0; r < rows; r++) factors[r] = (const char *)(g->up + (first + r) * g->rank);
    float *c = scratch;
    for (long panel = 0; panel < p->panels; panel++) {
        long column = panel * CK_PANEL, count = ck_min(CK_PANEL, g->columns - column);
        memset(c, 0, ROWS * CK_PANEL * sizeof(float));
        for (long r = 0; r < rows; r++) {
            size_t at = (size_t)((first + r) * g->columns + column);
            p->kernels->to_f32(
                c + r * CK_PANEL, (const char *)g->base + at * ck_size(g->base_type),
                g->base_type, (size_t)count);
        }
        ck_micro m = {
            .a = factors, .a_segment = ROWS, .segments = 1, .depth = g->rank,
            .b = p->packed + column * g->rank, .c = c, .c_stride = CK_PANEL, .rows = rows,
            .nv = (int)(panel_width(p, panel) / 16), .load = 1,
        };
        p->kernels->micro_f32(&m);
        for (long r = 0; r < rows; r++) {
            size_t at = (size_t)((first + r) * g->columns + column);
            if (g->out_type == CK_F32)
                memcpy((float *)g->out + at, c + r * CK_PANEL, (size_t)count * sizeof(float));
            else
                p->kernels->to_bf16((uint16_t *)g->out + at, c + r * CK_PANEL, (size_t)count);
        }
    }
}

int ck_merge_low_rank(ck_pool *pool, int level, const ck_merge *g) {
    plan p = {.merge = g, .kernels = ck_kernels_at(level)};
    p.panels = (g->columns + CK_PANEL - 1) / CK_PANEL;
    float *packed = calloc((size_t)(p.panels * CK_PANEL * g->rank), sizeof(float));
    if (!packed) return 2;
    for (long panel = 0; panel < p.panels; panel++) {
        long column = panel * CK_PANEL, width = panel_width(&p, panel);
        long count = ck_min(CK_PANEL, g->columns - column);
        for (long k = 0; k < g->rank; k++)
            memcpy(
                packed + column * g->rank + k * width, g->down + k * g->columns + column,
                (size_t)count * sizeof(float));
    }
    p.packed = packed;
    int result = ck_pool_run(
        pool, (g->rows + ROWS - 1) / ROWS, merge_tile, &p, ROWS * CK_PANEL * sizeof(float));
    free(packed);
    return result;
}
