#include "kernels.h"

#include <stdlib.h>

// A stored matrix plus a product of low rank. The small factor is packed once into panels of 64
// columns; a few rows of the base at a time are converted, and the product is added on top by the
// same inner kernel as every other product.

enum { ROWS = 24 };

float *ck_pack_factor(const ck_low_rank *change, long columns) {
    float *packed = calloc((size_t)(ck_round(columns, CK_PANEL) * change->rank), sizeof(float));
    if (!packed) return NULL;
    for (long column = 0; column < columns; column += CK_PANEL) {
        long count = ck_min(CK_PANEL, columns - column), width = ck_round(count, 16);
        for (long k = 0; k < change->rank; k++)
            memcpy(
                packed + column * change->rank + k * width,
                change->down + k * columns + column, (size_t)count * sizeof(float));
    }
    return packed;
}

void ck_merge_rows(const ck_kernels *kernels, const ck_merge_rows_work *w, float *out) {
    const char *factors[ROWS];
    long stride = ck_round(w->columns, 16), rank = w->change->rank;
    for (long r = 0; r < w->count; r++) {
        size_t at = (size_t)((w->first + r) * w->columns);
        kernels->to_f32(
            out + r * stride, (const char *)w->base + at * ck_size(w->base_type), w->base_type,
            (size_t)w->columns);
        for (long i = w->columns; i < stride; i++) out[r * stride + i] = 0;
        factors[r] = (const char *)(w->change->up + (w->first + r) * rank);
    }
    for (long column = 0; column < w->columns; column += CK_PANEL) {
        ck_micro m = {
            .a = factors, .a_segment = ROWS, .segments = 1, .depth = rank,
            .b = w->packed + column * rank, .c = out + column, .c_stride = stride,
            .rows = w->count, .nv = (int)(ck_min(CK_PANEL, stride - column) / 16), .load = 1,
        };
        kernels->micro_f32(&m);
    }
}

typedef struct {
    const ck_merge *merge;
    const ck_kernels *kernels;
    const float *packed;
} plan;

static void merge_tile(const void *work, long tile, void *scratch) {
    const plan *p = work;
    const ck_merge *g = p->merge;
    ck_merge_rows_work w = {
        .base = g->base, .base_type = g->base_type, .change = &g->change, .packed = p->packed,
        .first = tile * ROWS, .count = ck_min(ROWS, g->rows - tile * ROWS),
        .columns = g->columns,
    };
    float *rows = scratch;
    ck_merge_rows(p->kernels, &w, rows);
    for (long r = 0; r < w.count; r++) {
        const float *row = rows + r * ck_round(g->columns, 16);
        size_t at = (size_t)((w.first + r) * g->columns), count = (size_t)g->columns;
        if (g->out_type == CK_F32) memcpy((float *)g->out + at, row, count * sizeof(float));
        else p->kernels->to_bf16((uint16_t *)g->out + at, row, count);
    }
}

int ck_merge_low_rank(ck_pool *pool, int level, const ck_merge *g) {
    plan p = {.merge = g, .kernels = ck_kernels_at(level)};
    float *packed = ck_pack_factor(&g->change, g->columns);
    if (!packed) return 2;
    p.packed = packed;
    size_t scratch = (size_t)(ROWS * ck_round(g->columns, 16)) * sizeof(float);
    int result = ck_pool_run(pool, (g->rows + ROWS - 1) / ROWS, merge_tile, &p, scratch);
    free(packed);
    return result;
}
