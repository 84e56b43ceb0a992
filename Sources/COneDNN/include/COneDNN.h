#ifndef CONEDNN_H
#define CONEDNN_H

// The seam to oneDNN, for its versions 2 and 3: matrix products and convolutions in NHWC with
// bias, an activation and a residual. Each call runs on the calling thread alone; the caller cuts
// the work into blocks, so that the number of threads changes no bit.

#include <stddef.h>

/// Element types and activations have the values of CKernels.
enum { OD_F32 = 0, OD_BF16 = 1 };
enum { OD_NONE = 0, OD_SILU = 1, OD_GELU = 2, OD_QUICKGELU = 3 };

/// What one block computes: output rows of one picture. A linear layer is a 1x1 convolution
/// with one line of `in_width` pixels.
typedef struct {
    int type;
    /// Type of the result and of the residual.
    int out_type;
    long inputs, outputs;
    long in_height, in_width, out_height, out_width;
    int kernel_height, kernel_width, stride;
    int pad_top, pad_left, pad_bottom, pad_right;
    int has_bias, has_residual, activation;
} od_shape;

/// A compiled block; may be run by several threads at once.
typedef struct od_block od_block;

/// Version as major * 10000 + minor * 100 + patch.
int od_version(void);

/// Compiles a block. The layout of its weights is that of `like`, or oneDNN's choice when NULL.
/// NULL when oneDNN cannot do it on this machine.
od_block *od_create(const od_shape *shape, const od_block *like);
void od_destroy(od_block *block);
size_t od_weights_bytes(const od_block *block);
size_t od_scratch_bytes(const od_block *block);

/// Brings dense weights [outputs, inputs, kernel height, kernel width] of the block's type into
/// its layout. 0 when done.
int od_reorder(const od_block *block, const void *dense, void *weights);

/// One run: source, result and residual are dense NHWC; `bias` is f32. 0 when done.
typedef struct {
    const void *source, *weights;
    const float *bias;
    const void *residual;
    void *result, *scratch;
} od_operands;
int od_run(const od_block *block, const od_operands *operands);

#endif
