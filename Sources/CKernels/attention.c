#include "kernels.h"

// Scores are computed for blocks of queries by blocks of keys and never leave the cache. Keys are
// packed as panels of 64 keys over the head's depth, values as panels of the head's columns over
// the keys, so both products run on the same register tiles as every other product.

enum {
    QUERIES = 48,
    KEYS = 256,
};

typedef struct {
    const ck_attention *a;
    const ck_kernels *kernels;
    size_t element;
    // Head depth as products see it (even), and as output columns (a multiple of 16).
    long depth, columns;
    // Keys rounded up to 16, and their panels.
    long keys, panels;
    size_t keys_bytes, values_bytes;
    long query_blocks;
} plan;

static plan make_plan(const ck_attention *a, int level) {
    plan p = {.a = a, .kernels = ck_kernels_at(level), .element = ck_size(a->type)};
    p.depth = a->type == CK_BF16 ? ck_round(a->dim, 2) : a->dim;
    p.columns = ck_round(a->dim, 16);
    p.keys = ck_round(a->keys, 16);
    p.panels = (p.keys + CK_PANEL - 1) / CK_PANEL;
    p.keys_bytes = ck_align((size_t)(p.keys * p.depth) * p.element);
    p.values_bytes = ck_align((size_t)(p.keys * p.columns) * p.element);
    p.query_blocks = (a->queries + QUERIES - 1) / QUERIES;
    return p;
}

size_t ck_attention_workspace(const ck_attention *attention) {
    plan p = make_plan(attention, CK_PLAIN);
    return (size_t)(attention->batch * attention->heads) * (p.keys_bytes + p.values_bytes);
}

static char *packed_head(const plan *p, long head) {
    return (char *)p->a->workspace + (size_t)head * (p->keys_bytes + p->values_bytes);
}

/// Keys as columns: 32 bits (one f32 or a pair of bf16) of each key side by side.
static void pack_keys(const plan *p, const char *k, size_t row_bytes, char *to, long count) {
    long width = ck_round(count, 16), dim = p->a->dim, lanes = p->depth * (long)p->element / 4;
    uint32_t *out = (uint32_t *)(void *)to;
    if (count < width || dim < p->depth) memset(to, 0, (size_t)(width * lanes) * 4);
    long whole = dim * (long)p->element / 4, key = 0;
    for (; key + 16 <= count; key += 16)
        p->kernels->transpose(
            out + key, width, k + (size_t)key * row_bytes, row_bytes, whole);
    for (; key < count; key++)
        for (long lane = 0; lane < whole; lane++)
            memcpy(&out[lane * width + key], k + (size_t)key * row_bytes + lane * 4, 4);
    if (whole < lanes)
        for (key = 0; key < count; key++)
            memcpy(&out[whole * width + key], k + (size_t)key * row_bytes + whole * 4, 2);
}

/// Values as rows of a product's depth, in bf16 two rows interleaved.
static void pack_values(
    const plan *p, const char *v, size_t row_bytes, char *panel, long first, long count,
    long width, long columns) {
    static const uint16_t zeros[CK_PANEL];
    if (columns < width || count % 2)
        memset(panel + (size_t)(first * width) * p->element, 0,
            (size_t)(ck_round(count, 16) * width) * p->element);
    for (long key = 0; key < count; key++) {
        if (p->element == 4) {
            char *to = panel + (size_t)((first + key) * width) * 4;
            memcpy(to, v + (size_t)key * row_bytes, (size_t)columns * 4);
            continue;
        }
        if (key % 2) continue;
        const uint16_t *even = (const uint16_t *)(const void *)(v + (size_t)key * row_bytes);
        const uint16_t *odd = key + 1 < count
            ? (const uint16_t *)(const void *)(v + (size_t)(key + 1) * row_bytes)
            : zeros;
        uint16_t *to = (uint16_t *)(void *)panel + (first + key) * width;
        for (long d = 0; d < columns; d++) {
            to[2 * d] = even[d];
            to[2 * d + 1] = odd[d];
        }
    }
}

/// Packs up to 64 keys and values of one head.
static void pack_tile(const void *work, long tile, void *scratch) {
    (void)scratch;
    const plan *p = work;
    const ck_attention *a = p->a;
    long head = tile / p->panels, first = tile % p->panels * CK_PANEL;
    long count = ck_min(CK_PANEL, a->keys - first);
    char *keys = packed_head(p, head), *values = keys + p->keys_bytes;
    size_t e = p->element, column = (size_t)(head % a->heads * a->dim);
    size_t row = (size_t)(head / a->heads * a->keys + first);
    const char *k = (const char *)a->k + (row * (size_t)a->k_stride + column) * e;
    const char *v = (const char *)a->v + (row * (size_t)a->v_stride + column) * e;
    pack_keys(p, k, (size_t)a->k_stride * e, keys + (size_t)(first * p->depth) * e, count);
    long padded = ck_round(count, 16);
    for (long d = 0; d < p->columns; d += CK_PANEL) {
        long width = ck_min(CK_PANEL, p->columns - d);
        char *panel = values + (size_t)(d * p->keys) * e;
        // Keys that pad the last panel have no probability, but must be finite.
        if (count < padded)
            memset(panel + (size_t)((first + count) * width) * e, 0,
                (size_t)((padded - count) * width) * e);
        pack_values(
            p, v + (size_t)d * e, (size_t)a->v_stride * e, panel, first, count, width,
            ck_min(width, a->dim - d));
    }
}

typedef struct {
    char *queries;
    float *scores, *out;
    char *probabilities;
    float maximum[QUERIES], sum[QUERIES];
} block;

/// Lays a block out in scratch and returns the bytes it takes.
static size_t carve(const plan *p, char *scratch, block *b) {
    size_t used = 0;
    b->queries = ck_take(scratch, &used, (size_t)(QUERIES * p->depth) * p->element);
    b->scores = ck_take(scratch, &used, QUERIES * KEYS * sizeof(float));
    b->probabilities = ck_take(scratch, &used, QUERIES * KEYS * p->element);
    b->out = ck_take(scratch, &used, (size_t)(QUERIES * p->columns) * sizeof(float));
    return used;
}

static void product(
    const plan *p, ck_micro *m, const char *a, size_t row_bytes, long rows, float *c) {
    const char *pointers[QUERIES];
    for (long r = 0; r < rows; r++) pointers[r] = a + (size_t)r * row_bytes;
    m->a = pointers;
    m->rows = rows;
    m->c = c;
    if (p->element == 4) p->kernels->micro_f32(m);
    else p->kernels->micro_bf16(m);
}

/// Scores of the block against keys first ..< first + KEYS, then their softmax and output.
static void attend(const plan *p, block *b, long rows, long query, long first, const char *keys) {
    const ck_attention *a = p->a;
    long count = ck_min(KEYS, p->keys - first);
    const char *values = keys + p->keys_bytes;
    for (long panel = 0; panel < count; panel += CK_PANEL) {
        ck_micro m = {
            .segments = 1, .depth = p->depth, .c_stride = KEYS,
            .nv = (int)(ck_min(CK_PANEL, count - panel) / 16),
            .b = keys + (size_t)((first + panel) * p->depth) * p->element,
        };
        product(p, &m, b->queries, (size_t)p->depth * p->element, rows, b->scores + panel);
    }
    ck_softmax s = {
        .scores = b->scores, .probabilities = b->probabilities, .stride = KEYS, .rows = rows,
        .valid = (a->causal ? query + 1 : a->keys) - first, .grow = a->causal ? 1 : 0,
        .limit = ck_min(count, a->keys - first), .count = count, .scale = a->scale, .type = a->type, .maximum = b->maximum,
        .sum = b->sum, .out = b->out, .out_columns = p->columns,
    };
    p->kernels->softmax(&s);
    for (long column = 0; column < p->columns; column += CK_PANEL) {
        long width = ck_min(CK_PANEL, p->columns - column);
        ck_micro m = {
            .segments = 1, .depth = count, .c_stride = p->columns, .nv = (int)(width / 16),
            .load = 1, .b = values + (size_t)(column * p->keys + first * width) * p->element,
        };
        product(p, &m, b->probabilities, KEYS * p->element, rows, b->out + column);
    }
}

static void run_tile(const void *work, long tile, void *scratch) {
    const plan *p = work;
    const ck_attention *a = p->a;
    long head = tile / p->query_blocks, query = tile % p->query_blocks * QUERIES;
    long rows = ck_min(QUERIES, a->queries - query);
    block b;
    carve(p, scratch, &b);
    size_t e = p->element, column = (size_t)(head % a->heads * a->dim);
    size_t first_row = (size_t)(head / a->heads * a->queries + query);
    for (long r = 0; r < rows; r++) {
        char *to = b.queries + (size_t)(r * p->depth) * e;
        size_t at = ((first_row + (size_t)r) * (size_t)a->q_stride + column) * e;
        memset(to, 0, (size_t)p->depth * e);
        memcpy(to, (const char *)a->q + at, (size_t)a->dim * e);
        b.maximum[r] = -INFINITY;
        b.sum[r] = 0;
    }
    memset(b.out, 0, (size_t)(rows * p->columns) * sizeof(float));
    long keys = a->causal ? ck_min(p->keys, query + rows) : p->keys;
    for (long first = 0; first < keys; first += KEYS)
        attend(p, &b, rows, query, first, packed_head(p, head));
    for (long r = 0; r < rows; r++) {
        float inverse = 1 / b.sum[r];
        size_t at = ((first_row + (size_t)r) * (size_t)a->out_stride + column) * e;
        ck_map map = {
            .x = b.out + r * p->columns, .type = CK_F32, .scale = inverse,
            .out = b.out + r * p->columns, .count = (size_t)a->dim,
        };
        p->kernels->map(&map, 0, map.count);
        char *out = (char *)a->out + at;
        if (a->type == CK_F32) memcpy(out, map.out, (size_t)a->dim * e);
        else p->kernels->to_bf16((uint16_t *)(void *)out, map.out, (size_t)a->dim);
    }
}

int ck_attention_run(ck_pool *pool, int level, const ck_attention *attention) {
    plan p = make_plan(attention, level);
    long heads = attention->batch * attention->heads;
    int status = ck_pool_run(pool, heads * p.panels, pack_tile, &p, 0);
    if (status) return status;
    block b;
    size_t scratch = carve(&p, NULL, &b);
    return ck_pool_run(pool, heads * p.query_blocks, run_tile, &p, scratch);
}
