#include "kernels.h"

enum { TILE = 16 << 10 };

static float scaled(uint32_t sign, int exponent, uint32_t mantissa) {
    float value = ldexpf((float)mantissa, exponent);
    return sign ? -value : value;
}

static float from_f16(uint16_t bits) {
    uint32_t sign = bits >> 15, exponent = bits >> 10 & 31, mantissa = bits & 1023;
    if (exponent == 31) return mantissa ? NAN : (sign ? -INFINITY : INFINITY);
    if (exponent == 0) return scaled(sign, -24, mantissa);
    return scaled(sign, (int)exponent - 25, mantissa | 1024);
}

/// The "fn" variant of checkpoints: no infinities, one NaN per sign, bias 7.
static float from_f8e4m3(uint8_t bits) {
    uint32_t sign = bits >> 7, exponent = bits >> 3 & 15, mantissa = bits & 7;
    if ((bits & 127) == 127) return NAN;
    if (exponent == 0) return scaled(sign, -9, mantissa);
    return scaled(sign, (int)exponent - 10, mantissa | 8);
}

/// E5M2 is the upper half of an f16.
static float from_f8e5m2(uint8_t bits) { return from_f16((uint16_t)(bits << 8)); }

float ck_float_from(const void *source, int type, size_t index) {
    switch (type) {
    case CK_F32: return ((const float *)source)[index];
    case CK_BF16: {
        uint32_t bits = (uint32_t)((const uint16_t *)source)[index] << 16;
        float value;
        memcpy(&value, &bits, 4);
        return value;
    }
    case CK_F16: return from_f16(((const uint16_t *)source)[index]);
    case CK_F8E4M3: return from_f8e4m3(((const uint8_t *)source)[index]);
    default: return from_f8e5m2(((const uint8_t *)source)[index]);
    }
}

uint16_t ck_bf16_from_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    if (value != value) return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

typedef struct {
    const ck_kernels *kernels;
    const ck_map *map;
    void *destination;
    const void *source;
    int to, from;
    size_t count;
} work_plan;

static void convert_tile(const void *work, long tile, void *scratch) {
    const work_plan *p = work;
    size_t start = (size_t)tile * TILE;
    size_t count = p->count - start < TILE ? p->count - start : TILE;
    const char *source = (const char *)p->source + start * ck_size(p->from);
    if (p->to == CK_F32) {
        p->kernels->to_f32((float *)p->destination + start, source, p->from, count);
        return;
    }
    p->kernels->to_f32(scratch, source, p->from, count);
    p->kernels->to_bf16((uint16_t *)p->destination + start, scratch, count);
}

int ck_convert(
    ck_pool *pool, int level, void *destination, int to, const void *source, int from,
    size_t count) {
    work_plan p = {
        .kernels = ck_kernels_at(level), .destination = destination, .source = source,
        .to = to, .from = from, .count = count,
    };
    return ck_pool_run(
        pool, (long)((count + TILE - 1) / TILE), convert_tile, &p, TILE * sizeof(float));
}

typedef struct {
    void *destination;
    int type;
    size_t count;
    uint64_t seed;
    float bound;
} fill_plan;

static uint16_t f16_from_float(float value) {
    // Good for the small magnitudes that ck_fill_random makes; below 2^-14 it gives zero.
    uint32_t bits;
    memcpy(&bits, &value, 4);
    int exponent = (int)(bits >> 23 & 255) - 112;
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    if (exponent <= 0) return sign;
    return (uint16_t)(sign | (uint32_t)exponent << 10 | (bits >> 13 & 1023));
}

static void fill_tile(const void *work, long tile, void *scratch) {
    (void)scratch;
    const fill_plan *p = work;
    size_t start = (size_t)tile * TILE;
    size_t end = start + TILE < p->count ? start + TILE : p->count;
    uint64_t state = (p->seed * 0x9E3779B97F4A7C15u + (uint64_t)tile + 1) * 0xBF58476D1CE4E5B9u;
    for (size_t i = start; i < end; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        float value = p->bound * ((float)(int32_t)(state >> 32) * 0x1p-31f);
        if (p->type == CK_F32) ((float *)p->destination)[i] = value;
        else
            ((uint16_t *)p->destination)[i] =
                p->type == CK_BF16 ? ck_bf16_from_float(value) : f16_from_float(value);
    }
}

int ck_fill_random(
    ck_pool *pool, void *destination, int type, size_t count, uint64_t seed, float bound) {
    fill_plan p = {destination, type, count, seed, bound};
    return ck_pool_run(pool, (long)((count + TILE - 1) / TILE), fill_tile, &p, 0);
}

static void map_tile(const void *work, long tile, void *scratch) {
    (void)scratch;
    const work_plan *p = work;
    size_t start = (size_t)tile * TILE;
    size_t end = start + TILE < p->count ? start + TILE : p->count;
    p->kernels->map(p->map, start, end);
}

int ck_map_run(ck_pool *pool, int level, const ck_map *map) {
    work_plan p = {.kernels = ck_kernels_at(level), .map = map, .count = map->count};
    return ck_pool_run(pool, (long)((map->count + TILE - 1) / TILE), map_tile, &p, 0);
}

typedef struct {
    const ck_gate *gate;
    const ck_kernels *kernels;
    long rows;
} gate_plan;

static void gate_tile(const void *work, long tile, void *scratch) {
    (void)scratch;
    const gate_plan *p = work;
    long end = ck_min(p->gate->rows, (tile + 1) * p->rows);
    for (long row = tile * p->rows; row < end; row++) p->kernels->gate(p->gate, row);
}

int ck_gate_run(ck_pool *pool, int level, const ck_gate *gate) {
    gate_plan p = {.gate = gate, .kernels = ck_kernels_at(level)};
    p.rows = TILE / (gate->columns + 1) + 1;
    return ck_pool_run(pool, (gate->rows + p.rows - 1) / p.rows, gate_tile, &p, 0);
}

typedef struct {
    const ck_copy *copy;
    long rows;
} copy_plan;

static void copy_tile(const void *work, long tile, void *scratch) {
    (void)scratch;
    const copy_plan *p = work;
    const ck_copy *c = p->copy;
    long end = ck_min(c->rows, (tile + 1) * p->rows);
    for (long row = tile * p->rows; row < end; row++) {
        size_t from = c->indices ? (size_t)c->indices[row] : (size_t)row;
        memcpy(
            (char *)c->destination + (size_t)row * c->destination_stride,
            (const char *)c->source + from * c->source_stride, c->bytes);
    }
}

int ck_copy_rows(ck_pool *pool, const ck_copy *copy) {
    copy_plan p = {.copy = copy, .rows = (long)(4 * TILE / (copy->bytes + 1)) + 1};
    return ck_pool_run(pool, (copy->rows + p.rows - 1) / p.rows, copy_tile, &p, 0);
}

typedef struct {
    const char *x;
    char *out;
    long height, width;
    size_t pixel;
} upsample_plan;

/// One input line gives two equal output lines.
static void upsample_line(const void *work, long line, void *scratch) {
    (void)scratch;
    const upsample_plan *p = work;
    size_t wide = 2 * (size_t)p->width * p->pixel;
    const char *from = p->x + (size_t)line * (size_t)p->width * p->pixel;
    char *to = p->out + (size_t)line * 2 * wide;
    for (long x = 0; x < p->width; x++) {
        memcpy(to + (size_t)(2 * x) * p->pixel, from + (size_t)x * p->pixel, p->pixel);
        memcpy(to + (size_t)(2 * x + 1) * p->pixel, from + (size_t)x * p->pixel, p->pixel);
    }
    memcpy(to + wide, to, wide);
}

int ck_upsample(
    ck_pool *pool, const void *x, void *out, const long shape[4], size_t element_bytes) {
    upsample_plan p = {
        .x = x, .out = out, .height = shape[1], .width = shape[2],
        .pixel = (size_t)shape[3] * element_bytes,
    };
    return ck_pool_run(pool, shape[0] * shape[1], upsample_line, &p, 0);
}

typedef struct {
    const void *from;
    void *to;
    int type;
    long channels, pixels, blocks;
} planes_plan;

enum { PIXELS = 256 };

static void from_planes_tile(const void *work, long tile, void *scratch) {
    (void)scratch;
    const planes_plan *p = work;
    long picture = tile / p->blocks, first = tile % p->blocks * PIXELS;
    long end = ck_min(p->pixels, first + PIXELS);
    const float *from = (const float *)p->from + picture * p->channels * p->pixels;
    for (long pixel = first; pixel < end; pixel++)
        for (long c = 0; c < p->channels; c++) {
            float value = from[c * p->pixels + pixel];
            size_t at = (size_t)((picture * p->pixels + pixel) * p->channels + c);
            if (p->type == CK_F32) ((float *)p->to)[at] = value;
            else ((uint16_t *)p->to)[at] = ck_bf16_from_float(value);
        }
}

static void to_planes_tile(const void *work, long tile, void *scratch) {
    (void)scratch;
    const planes_plan *p = work;
    long picture = tile / p->blocks, first = tile % p->blocks * PIXELS;
    long end = ck_min(p->pixels, first + PIXELS);
    float *to = (float *)p->to + picture * p->channels * p->pixels;
    for (long pixel = first; pixel < end; pixel++)
        for (long c = 0; c < p->channels; c++) {
            size_t at = (size_t)((picture * p->pixels + pixel) * p->channels + c);
            to[c * p->pixels + pixel] = ck_float_from(p->from, p->type, at);
        }
}

static planes_plan make_planes(const void *from, void *to, int type, const long shape[3]) {
    return (planes_plan){
        .from = from, .to = to, .type = type, .channels = shape[1], .pixels = shape[2],
        .blocks = (shape[2] + PIXELS - 1) / PIXELS,
    };
}

int ck_from_planes(
    ck_pool *pool, const float *planes, void *out, int type, const long shape[3]) {
    planes_plan p = make_planes(planes, out, type, shape);
    return ck_pool_run(pool, shape[0] * p.blocks, from_planes_tile, &p, 0);
}

int ck_to_planes(ck_pool *pool, const void *x, int type, float *planes, const long shape[3]) {
    planes_plan p = make_planes(x, planes, type, shape);
    return ck_pool_run(pool, shape[0] * p.blocks, to_planes_tile, &p, 0);
}
