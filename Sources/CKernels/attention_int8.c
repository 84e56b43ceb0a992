#include "kernels.h"

// Attention whose two products run on bytes, after SageAttention (Zhang et al., 2024). Keys have
// their mean over the picture taken off first, which no softmax notices, and are rounded with one
// scale for a block of keys; queries have a scale each, values one for each column of a block.
// Probabilities of a block are relative to the block's own highest, so that a single key that
// stands out coarsens no others than its neighbours.

enum {
    QUERIES = 48,
    KEYS = 256,
};

typedef struct {
    const ck_attention *a;
    const ck_kernels *kernels;
    long depth, blocks, query_blocks;
    /// What each head has in the workspace.
    size_t keys, values, shifts, key_scales, value_scales, head_bytes;
} plan;

static plan make_plan(const ck_attention *a, int level) {
    plan p = {.a = a, .kernels = ck_kernels_at(level), .depth = a->dim};
    p.blocks = (a->keys + KEYS - 1) / KEYS;
    p.query_blocks = (a->queries + QUERIES - 1) / QUERIES;
    size_t keys = (size_t)(p.blocks * KEYS), used = 0;
    ck_take(NULL, &used, (size_t)p.depth * 4);
    p.keys = used;
    ck_take(NULL, &used, keys * (size_t)p.depth);
    p.values = used;
    ck_take(NULL, &used, keys * (size_t)p.depth);
    p.shifts = used;
    ck_take(NULL, &used, keys * 4);
    p.key_scales = used;
    ck_take(NULL, &used, (size_t)p.blocks * 4);
    p.value_scales = used;
    ck_take(NULL, &used, (size_t)(p.blocks * p.depth) * 4);
    p.head_bytes = used;
    return p;
}

size_t ck_attention_int8_workspace(const ck_attention *attention) {
    plan p = make_plan(attention, CK_PLAIN);
    return (size_t)(attention->batch * attention->heads) * p.head_bytes;
}

static char *head_memory(const plan *p, long head) {
    return (char *)p->a->workspace + (size_t)head * p->head_bytes;
}

/// Where the columns of a head begin in row `row` of its picture.
static const char *row_of(
    const plan *p, const void *x, long stride, long rows, long head, long row) {
    const ck_attention *a = p->a;
    size_t at = (size_t)((head / a->heads * rows + row) * stride + head % a->heads * a->dim);
    return (const char *)x + at * ck_size(a->type);
}

/// Asks for `rows` rows of one head: they lie too far apart for the processor to guess.
static void fetch(const plan *p, const char *first, long stride, long rows) {
    size_t bytes = (size_t)p->depth * ck_size(p->a->type);
    for (long r = 0; r < rows; r++)
        for (size_t at = 0; at < bytes; at += 64)
            __builtin_prefetch(first + (size_t)(r * stride) * ck_size(p->a->type) + at);
}

/// The mean key of one head.
static void mean_key(const void *work, long head, void *scratch) {
    const plan *p = work;
    const ck_attention *a = p->a;
    float *mean = (float *)(void *)head_memory(p, head), *key = scratch;
    memset(mean, 0, (size_t)p->depth * 4);
    for (long row = 0; row < a->keys; row++) {
        const char *from = row_of(p, a->k, a->k_stride, a->keys, head, row);
        if (row % 32 == 0) fetch(p, from, a->k_stride, ck_min(64, a->keys - row));
        p->kernels->to_f32(key, from, a->type, (size_t)p->depth);
        for (long j = 0; j < p->depth; j++) mean[j] += key[j];
    }
    for (long j = 0; j < p->depth; j++) mean[j] /= (float)a->keys;
}

typedef struct {
    uint8_t *bytes;
    float *scales, *factors;
} packing;

static size_t carve_packing(const plan *p, char *scratch, packing *to) {
    size_t used = 0;
    to->bytes = ck_take(scratch, &used, (size_t)(KEYS * p->depth));
    to->scales = ck_take(scratch, &used, (size_t)p->depth * 4);
    to->factors = ck_take(scratch, &used, (size_t)p->depth * 4);
    return used;
}

/// Keys as columns: panels of CK_PANEL keys, four bytes of each side by side.
static void pack_keys(const plan *p, const packing *from, char *head, long block, long count) {
    const long depth = p->depth, lanes = depth / 4;
    int8_t *keys = (int8_t *)head + p->keys + block * KEYS * depth;
    int32_t *shifts = (int32_t *)(void *)(head + p->shifts) + block * KEYS;
    memset(from->bytes + count * depth, 0, (size_t)((KEYS - count) * depth));
    for (long key = 0; key < KEYS; key++) {
        const int8_t *row = (const int8_t *)from->bytes + key * depth;
        int32_t sum = 0;
        for (long j = 0; j < depth; j++) sum += row[j];
        shifts[key] = 128 * sum;
    }
    for (long key = 0; key < KEYS; key += 16) {
        uint32_t *panel = (uint32_t *)(void *)(keys + key / CK_PANEL * CK_PANEL * depth);
        p->kernels->transpose(
            panel + key % CK_PANEL, CK_PANEL, (const char *)from->bytes + key * depth,
            (size_t)depth, lanes);
    }
    ((float *)(void *)(head + p->key_scales))[block] = from->scales[0];
}

/// Values as rows: panels of up to CK_PANEL columns, four keys of each side by side.
static void pack_values(const plan *p, const packing *from, char *head, long block, long count) {
    const long depth = p->depth;
    memset(from->bytes + count * depth, 0, (size_t)((KEYS - count) * depth));
    uint8_t *restrict to = (uint8_t *)head + p->values + block * KEYS * depth;
    for (long first = 0; first < depth; first += CK_PANEL) {
        long width = ck_min(CK_PANEL, depth - first);
        for (long key = 0; key < KEYS; key += 4, to += 4 * width) {
            const uint8_t *restrict row = from->bytes + key * depth + first;
            for (long j = 0; j < width; j++) {
                to[4 * j] = row[j];
                to[4 * j + 1] = row[depth + j];
                to[4 * j + 2] = row[2 * depth + j];
                to[4 * j + 3] = row[3 * depth + j];
            }
        }
    }
    float *scales = (float *)(void *)(head + p->value_scales) + block * depth;
    memcpy(scales, from->scales, (size_t)depth * 4);
}

/// Packs a block of the keys and values of one head.
static void pack_block(const void *work, long tile, void *scratch) {
    const plan *p = work;
    const ck_attention *a = p->a;
    long head = tile / p->blocks, block = tile % p->blocks;
    long count = ck_min(KEYS, a->keys - block * KEYS);
    packing to;
    carve_packing(p, scratch, &to);
    char *memory = head_memory(p, head);
    ck_block_bytes bytes = {
        .x = row_of(p, a->k, a->k_stride, a->keys, head, block * KEYS), .type = a->type,
        .stride = a->k_stride, .rows = count, .columns = p->depth, .shared = 1,
        .center = (const float *)(void *)memory, .out = to.bytes, .scales = to.scales,
        .factors = to.factors,
    };
    fetch(p, bytes.x, bytes.stride, count);
    p->kernels->block_bytes(&bytes);
    pack_keys(p, &to, memory, block, count);
    bytes.x = row_of(p, a->v, a->v_stride, a->keys, head, block * KEYS);
    bytes.stride = a->v_stride;
    bytes.shared = 0;
    bytes.center = NULL;
    fetch(p, bytes.x, bytes.stride, count);
    p->kernels->block_bytes(&bytes);
    pack_values(p, &to, memory, block, count);
}

typedef struct {
    uint8_t *queries, *probabilities;
    float *scores, *units, *out;
    float row_scales[QUERIES], maximum[QUERIES], sum[QUERIES];
    // Of the current block, and what the sums so far and the block's own are worth then.
    float highest[QUERIES], totals[QUERIES], keep[QUERIES], part[QUERIES];
} attending;

static size_t carve(const plan *p, char *scratch, attending *b) {
    size_t used = 0;
    b->queries = ck_take(scratch, &used, (size_t)(QUERIES * p->depth));
    b->probabilities = ck_take(scratch, &used, QUERIES * KEYS);
    b->scores = ck_take(scratch, &used, QUERIES * KEYS * sizeof(float));
    b->units = ck_take(scratch, &used, (size_t)(QUERIES * p->depth) * sizeof(float));
    b->out = ck_take(scratch, &used, (size_t)(QUERIES * p->depth) * sizeof(float));
    return used;
}

static void product(
    const plan *p, ck_micro *m, const uint8_t *a, long row_bytes, long rows) {
    const char *pointers[QUERIES];
    for (long r = 0; r < rows; r++) pointers[r] = (const char *)a + r * row_bytes;
    m->a = pointers;
    m->rows = rows;
    m->segments = 1;
    p->kernels->micro_i8(m);
}

static void attend(const plan *p, attending *b, long rows, long block, const char *head) {
    const long depth = p->depth, count = ck_min(KEYS, p->a->keys - block * KEYS);
    const char *keys = head + p->keys + block * KEYS * depth;
    const char *values = head + p->values + block * KEYS * depth;
    const long padded = ck_round(count, 16);
    for (long key = 0; key < padded; key += CK_PANEL) {
        ck_micro m = {
            .depth = depth, .c = b->scores + key, .c_stride = KEYS, .nv = CK_PANEL / 16,
            .b = keys + key * depth,
        };
        product(p, &m, b->queries, depth, rows);
    }
    ck_byte_softmax s = {
        .units = (const int32_t *)(const void *)b->scores,
        .shifts = (const int32_t *)(const void *)(head + p->shifts) + block * KEYS,
        .probabilities = b->probabilities, .stride = KEYS, .rows = rows,
        .valid = count, .count = padded,
        .scale = p->a->scale * ((const float *)(const void *)(head + p->key_scales))[block],
        .row_scales = b->row_scales,
        .highest = b->highest, .totals = b->totals,
    };
    p->kernels->byte_softmax(&s);
    for (long r = 0; r < rows; r++) {
        float maximum = fmaxf(b->maximum[r], b->highest[r]);
        b->keep[r] = expf(b->maximum[r] - maximum);
        b->part[r] = expf(b->highest[r] - maximum);
        b->maximum[r] = maximum;
        b->sum[r] = b->sum[r] * b->keep[r] + b->totals[r] * b->part[r];
    }
    for (long column = 0; column < depth; column += CK_PANEL) {
        long width = ck_min(CK_PANEL, depth - column);
        ck_micro m = {
            .depth = padded, .c = b->units + column, .c_stride = depth, .nv = (int)(width / 16),
            .b = values + column * KEYS,
        };
        product(p, &m, b->probabilities, KEYS, rows);
    }
    ck_byte_output o = {
        .units = (const int32_t *)(const void *)b->units, .out = b->out, .rows = rows,
        .columns = depth, .keep = b->keep, .part = b->part,
        .scales = (const float *)(const void *)(head + p->value_scales) + block * depth,
    };
    p->kernels->byte_output(&o);
}

static void run_tile(const void *work, long tile, void *scratch) {
    const plan *p = work;
    const ck_attention *a = p->a;
    long head = tile / p->query_blocks, query = tile % p->query_blocks * QUERIES;
    long rows = ck_min(QUERIES, a->queries - query);
    attending b;
    carve(p, scratch, &b);
    fetch(p, row_of(p, a->q, a->q_stride, a->queries, head, query), a->q_stride, rows);
    for (long r = 0; r < rows; r++) {
        ck_quantize q = {
            .x = row_of(p, a->q, a->q_stride, a->queries, head, query + r), .type = a->type,
            .rows = 1, .columns = p->depth, .out = b.queries + r * p->depth,
            .scales = &b.row_scales[r],
        };
        p->kernels->quantize(&q, 0);
        b.maximum[r] = -INFINITY;
        b.sum[r] = 0;
    }
    memset(b.out, 0, (size_t)(rows * p->depth) * sizeof(float));
    for (long block = 0; block < p->blocks; block++)
        attend(p, &b, rows, block, head_memory(p, head));
    for (long r = 0; r < rows; r++) {
        float *row = b.out + r * p->depth;
        ck_map map = {
            .x = row, .type = CK_F32, .scale = 1 / b.sum[r], .out = row,
            .count = (size_t)p->depth,
        };
        p->kernels->map(&map, 0, map.count);
        char *out = (char *)a->out
            + ((size_t)((head / a->heads * a->queries + query + r) * a->out_stride
                + head % a->heads * a->dim))
                * ck_size(a->type);
        if (a->type == CK_F32) memcpy(out, row, map.count * 4);
        else p->kernels->to_bf16((uint16_t *)(void *)out, row, map.count);
    }
}

int ck_attention_int8_run(ck_pool *pool, int level, const ck_attention *attention) {
    plan p = make_plan(attention, level);
    long heads = attention->batch * attention->heads;
    packing packing;
    attending attending;
    int status = ck_pool_run(pool, heads, mean_key, &p, (size_t)p.depth * 4);
    if (!status)
        status =
            ck_pool_run(pool, heads * p.blocks, pack_block, &p, carve_packing(&p, NULL, &packing));
    if (status) return status;
    return ck_pool_run(pool, heads * p.query_blocks, run_tile, &p, carve(&p, NULL, &attending));
}
