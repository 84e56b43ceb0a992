#include "kernels.h"

static long packed_depth(int type, long inputs, long taps) {
    return taps * (type == CK_BF16 ? ck_round(inputs, 2) : inputs);
}

size_t ck_packed_bytes(int type, long outputs, long inputs, long taps) {
    return (size_t)(ck_round(outputs, 16) * packed_depth(type, inputs, taps)) * ck_size(type);
}

typedef struct {
    const ck_pack *pack;
    const ck_kernels *kernels;
    long depth, width;
} plan;

/// Writes one output's weights down its column.
static void store_column(const plan *p, long column, const float *values) {
    const ck_pack *pack = p->pack;
    long panel = column / CK_PANEL, inside = column % CK_PANEL;
    long width = ck_min(CK_PANEL, ck_round(pack->outputs, 16) - panel * CK_PANEL);
    long padded = p->depth / pack->taps;
    size_t start = (size_t)(panel * CK_PANEL * p->depth);
    for (long tap = 0; tap < pack->taps; tap++) {
        const float *value = values + tap;
        if (pack->type == CK_F32) {
            float *to = (float *)pack->packed + start + tap * padded * width + inside;
            for (long i = 0; i < pack->inputs; i++) to[i * width] = value[i * pack->taps];
            continue;
        }
        uint16_t *to = (uint16_t *)pack->packed + start + tap * padded * width + inside * 2;
        for (long i = 0; i < pack->inputs; i++)
            to[i / 2 * 2 * width + i % 2] = ck_bf16_from_float(value[i * pack->taps]);
    }
}

static void pack_output(const void *work, long output, void *scratch) {
    const plan *p = work;
    const ck_pack *pack = p->pack;
    size_t length = (size_t)(pack->inputs * pack->taps);
    const char *source =
        (const char *)pack->source + (size_t)output * length * ck_size(pack->source_type);
    float *values = scratch;
    p->kernels->to_f32(values, source, pack->source_type, length);
    long column = pack->first_output + output;
    if (pack->interleaved) column = ck_interleaved_column(output, pack->source_outputs);
    store_column(p, column, values);
}

int ck_pack_weights(ck_pool *pool, int level, const ck_pack *pack) {
    plan p = {.pack = pack, .kernels = ck_kernels_at(level)};
    p.depth = packed_depth(pack->type, pack->inputs, pack->taps);
    size_t scratch = ck_align((size_t)(pack->inputs * pack->taps) * sizeof(float));
    return ck_pool_run(pool, pack->source_outputs, pack_output, &p, scratch);
}
