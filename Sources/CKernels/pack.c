#include "kernels.h"

#include <stdlib.h>

// Sixteen rows of a stored weight at a time are converted, changed where a change of low rank goes
// with them, put into the order of the depth and written as sixteen neighbouring columns.

enum { ROWS = 16 };

static long packed_depth(int type, long inputs, long taps) {
    long together = (long)(4 / ck_size(type));
    return taps * ck_round(inputs, together);
}

size_t ck_packed_bytes(int type, long outputs, long inputs, long taps) {
    return (size_t)(ck_round(outputs, 16) * packed_depth(type, inputs, taps)) * ck_size(type);
}

typedef struct {
    const ck_pack *pack;
    const ck_kernels *kernels;
    // Rows of the packed matrix, in elements and in lanes of 32 bits.
    long depth, lanes;
    /// Of the packed matrix.
    long taps;
    /// The small factor of the change; NULL: none.
    const float *factor;
} plan;

static size_t row_bytes(const plan *p) {
    return ck_align((size_t)p->lanes * 4);
}

/// Elements of one row as it is stored.
static long row_length(const plan *p) { return p->pack->inputs * p->pack->taps; }

/// Room for sixteen rows with the change in them.
static size_t changed_bytes(const plan *p) {
    return p->factor ? ck_align((size_t)(ROWS * ck_round(row_length(p), 16)) * sizeof(float)) : 0;
}

/// Room for one row as f32, as it is stored and transformed, and as bf16.
static size_t values_bytes(const plan *p) {
    size_t length = (size_t)(p->pack->inputs * (p->pack->taps + p->taps));
    return ck_align(length * (sizeof(float) + sizeof(uint16_t)));
}

static long column_of(const ck_pack *pack, long output) {
    return pack->interleaved ? ck_interleaved_column(output, pack->source_outputs)
                             : pack->first_output + output;
}

/// Weights of one output as whole numbers of -127...127 units, tap by tap.
static void quantize_weights(const plan *p, long column, const float *values, int8_t *units) {
    const ck_pack *pack = p->pack;
    long taps = pack->taps, inputs = pack->inputs, padded = p->depth / taps;
    float maximum = 0;
    for (long i = 0; i < inputs * taps; i++) maximum = fmaxf(maximum, fabsf(values[i]));
    float factor = maximum > 0 ? 127 / maximum : 0;
    pack->scales[column] = maximum / 127;
    for (long tap = 0; tap < taps; tap++) {
        int32_t sum = 0;
        for (long i = 0; i < inputs; i++) {
            int8_t unit = (int8_t)rintf(values[i * taps + tap] * factor);
            units[tap * padded + i] = unit;
            sum += unit;
        }
        pack->sums[tap * ck_round(pack->outputs, CK_PANEL) + column] = sum;
    }
}

/// The kernel g of every input as G g Gᵀ, with G the 4x3 matrix of F(2x2, 3x3).
static void transform(const float *kernels, float *out, long inputs) {
    static const float G[4][3] = {{1, 0, 0}, {0.5f, 0.5f, 0.5f}, {0.5f, -0.5f, 0.5f}, {0, 0, 1}};
    for (long i = 0; i < inputs; i++, kernels += 9, out += 16) {
        float half[4][3];
        for (int r = 0; r < 4; r++)
            for (int c = 0; c < 3; c++)
                half[r][c] = G[r][0] * kernels[c] + G[r][1] * kernels[3 + c]
                    + G[r][2] * kernels[6 + c];
        for (int r = 0; r < 4; r++)
            for (int c = 0; c < 4; c++)
                out[r * 4 + c] =
                    G[c][0] * half[r][0] + G[c][1] * half[r][1] + G[c][2] * half[r][2];
    }
}

/// One row of the source in the destination's type and order: tap by tap, each padded to pairs.
static void convert_row(
    const plan *p, long output, const void *source, int source_type, float *values, void *row) {
    const ck_pack *pack = p->pack;
    size_t length = (size_t)row_length(p);
    memset(row, 0, row_bytes(p));
    if (pack->taps == 1 && pack->type == source_type) {
        memcpy(row, source, length * ck_size(pack->type));
        return;
    }
    p->kernels->to_f32(values, source, source_type, length);
    if (pack->type == CK_I8) {
        quantize_weights(p, column_of(pack, output), values, row);
        return;
    }
    if (pack->taps == 1) {
        if (pack->type == CK_F32) memcpy(row, values, length * sizeof(float));
        else p->kernels->to_bf16(row, values, length);
        return;
    }
    if (pack->transformed) {
        transform(values, values + length, pack->inputs);
        values += length;
        length = (size_t)(pack->inputs * p->taps);
    }
    long taps = p->taps, padded = p->depth / taps;
    uint16_t *half = (uint16_t *)(void *)(values + length);
    if (pack->type == CK_BF16) p->kernels->to_bf16(half, values, length);
    for (long tap = 0; tap < taps; tap++) {
        if (pack->type == CK_F32) {
            float *to = (float *)row + tap * padded;
            for (long i = 0; i < pack->inputs; i++) to[i] = values[i * taps + tap];
        } else {
            uint16_t *to = (uint16_t *)row + tap * padded;
            for (long i = 0; i < pack->inputs; i++) to[i] = half[i * taps + tap];
        }
    }
}

/// Where lane 0 of a packed column is, and how many lanes lie between its lanes.
static uint32_t *column_start(const plan *p, long output, long *width) {
    const ck_pack *pack = p->pack;
    long column = column_of(pack, output), panel = column / CK_PANEL;
    *width = ck_min(CK_PANEL, ck_round(pack->outputs, 16) - panel * CK_PANEL);
    return (uint32_t *)pack->packed + panel * CK_PANEL * p->lanes + column % CK_PANEL;
}

/// Sixteen rows of the source as convert_row wants them.
static void convert_rows(const plan *p, long first, long count, char *scratch, char *rows) {
    const ck_pack *pack = p->pack;
    float *values = (float *)(void *)(scratch + changed_bytes(p));
    const char *source = (const char *)pack->source;
    size_t from = (size_t)(first * row_length(p)) * ck_size(pack->source_type);
    size_t step = (size_t)row_length(p) * ck_size(pack->source_type);
    int type = pack->source_type;
    if (p->factor) {
        ck_merge_rows_work w = {
            .base = source, .base_type = type, .change = &pack->change, .packed = p->factor,
            .first = first, .count = count, .columns = row_length(p),
        };
        ck_merge_rows(p->kernels, &w, (float *)(void *)scratch);
        source = scratch;
        type = CK_F32;
        from = 0;
        step = (size_t)ck_round(row_length(p), 16) * sizeof(float);
    }
    for (long r = 0; r < count; r++)
        convert_row(
            p, first + r, source + from + (size_t)r * step, type, values,
            rows + (size_t)r * row_bytes(p));
}

static void pack_rows(const void *work, long tile, void *scratch) {
    const plan *p = work;
    long first = tile * ROWS, count = ck_min(ROWS, p->pack->source_outputs - first);
    char *rows = (char *)scratch + changed_bytes(p) + values_bytes(p);
    size_t stride = row_bytes(p);
    convert_rows(p, first, count, scratch, rows);
    long width = 0, own;
    uint32_t *columns[ROWS];
    int together = count == ROWS;
    for (long r = 0; r < count; r++) {
        columns[r] = column_start(p, first + r, &own);
        together = together && columns[r] == columns[0] + r;
        if (r == 0) width = own;
    }
    if (together) {
        p->kernels->transpose(columns[0], width, rows, stride, p->lanes);
        return;
    }
    for (long r = 0; r < count; r++) {
        uint32_t *to = column_start(p, first + r, &own);
        for (long lane = 0; lane < p->lanes; lane++)
            memcpy(&to[lane * own], rows + (size_t)r * stride + lane * 4, 4);
    }
}

int ck_pack_weights(ck_pool *pool, int level, const ck_pack *pack) {
    plan p = {.pack = pack, .kernels = ck_kernels_at(level)};
    p.taps = pack->transformed ? 16 : pack->taps;
    p.depth = packed_depth(pack->type, pack->inputs, p.taps);
    p.lanes = p.depth * (long)ck_size(pack->type) / 4;
    float *factor = NULL;
    if (pack->change.rank > 0 && !(factor = ck_pack_factor(&pack->change, row_length(&p))))
        return 2;
    p.factor = factor;
    long tiles = (pack->source_outputs + ROWS - 1) / ROWS;
    size_t scratch = changed_bytes(&p) + values_bytes(&p) + ROWS * row_bytes(&p);
    int result = ck_pool_run(pool, tiles, pack_rows, &p, scratch);
    free(factor);
    return result;
}
