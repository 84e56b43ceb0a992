#include "kernels.h"

#include "vector_plain.h"

/// Rows times a packed panel, one element after the other, in the order of the fast kernels.
static void micro_plain(const ck_micro *m, int type) {
    long width = m->nv * 16, pair = type == CK_BF16 ? 2 : 1;
    for (long r = 0; r < m->rows; r++) {
        float *c = m->c + r * m->c_stride;
        if (!m->load) memset(c, 0, (size_t)width * 4);
        for (int s = 0; s < m->segments; s++) {
            const void *a = m->a[s * m->a_segment + r] + m->a_offset;
            for (long k = 0; k < m->depth; k++) {
                float x = ck_float_from(a, type, (size_t)k);
                long row = s * m->depth + k;
                for (long j = 0; j < width; j++) {
                    long at = (row / pair * width + j) * pair + row % pair;
                    c[j] += x * ck_float_from(m->b, type, (size_t)at);
                }
            }
        }
    }
}

static void micro_f32(const ck_micro *m) { micro_plain(m, CK_F32); }
static void micro_bf16(const ck_micro *m) { micro_plain(m, CK_BF16); }

#include "micro_i8.h"

#define CK_LEVEL ck_kernels_plain
#include "body.h"
