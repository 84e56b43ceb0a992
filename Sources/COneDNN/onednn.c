#include "COneDNN.h"

#include <dnnl.h>
#include <stdlib.h>
#include <string.h>

// OpenMP's header lies in a compiler's own folder, its function in the library.
extern void omp_set_num_threads(int count);

struct od_block {
    od_shape shape;
    dnnl_engine_t engine;
    dnnl_primitive_desc_t description;
    dnnl_primitive_t primitive;
};

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t layout;
typedef const_dnnl_memory_desc_t layout_view;

static int make_layout(layout *l, int n, const dnnl_dim_t *sizes, int type, dnnl_format_tag_t tag) {
    return dnnl_memory_desc_create_with_tag(l, n, sizes, (dnnl_data_type_t)type, tag);
}
static void free_layout(layout *l) {
    if (*l) dnnl_memory_desc_destroy(*l);
}
static layout_view view(const layout *l) { return *l; }
#else
typedef dnnl_memory_desc_t layout;
typedef const dnnl_memory_desc_t *layout_view;

static int make_layout(layout *l, int n, const dnnl_dim_t *sizes, int type, dnnl_format_tag_t tag) {
    return dnnl_memory_desc_init_by_tag(l, n, sizes, (dnnl_data_type_t)type, tag);
}
static void free_layout(layout *l) { (void)l; }
static layout_view view(const layout *l) { return l; }
#endif

/// The layouts of one block's arguments; `weights` is oneDNN's own when `like` is NULL.
typedef struct {
    layout source, weights, bias, result;
} layouts;

int od_version(void) {
    const dnnl_version_t *v = dnnl_version();
    return v->major * 10000 + v->minor * 100 + v->patch;
}

static int is_product(const od_shape *s) {
    return s->kernel_height * s->kernel_width == 1 && s->stride == 1;
}

static int element(int type) { return type == OD_F32 ? dnnl_f32 : dnnl_bf16; }

static layout_view weights_layout(const od_block *block) {
    return dnnl_primitive_desc_query_md(block->description, dnnl_query_weights_md, 0);
}

static int make_layouts(const od_shape *s, layouts *all) {
    int type = element(s->type), out_type = element(s->out_type), status = 0;
    if (is_product(s)) {
        dnnl_dim_t rows = s->out_height * s->out_width;
        dnnl_dim_t source[] = {rows, s->inputs}, weights[] = {s->inputs, s->outputs};
        dnnl_dim_t bias[] = {1, s->outputs}, result[] = {rows, s->outputs};
        status |= make_layout(&all->source, 2, source, type, dnnl_ab);
        status |= make_layout(&all->weights, 2, weights, type, dnnl_format_tag_any);
        status |= make_layout(&all->bias, 2, bias, dnnl_f32, dnnl_ab);
        status |= make_layout(&all->result, 2, result, out_type, dnnl_ab);
        return status;
    }
    dnnl_dim_t source[] = {1, s->inputs, s->in_height, s->in_width};
    dnnl_dim_t weights[] = {s->outputs, s->inputs, s->kernel_height, s->kernel_width};
    dnnl_dim_t bias[] = {s->outputs};
    dnnl_dim_t result[] = {1, s->outputs, s->out_height, s->out_width};
    status |= make_layout(&all->source, 4, source, type, dnnl_nhwc);
    status |= make_layout(&all->weights, 4, weights, type, dnnl_format_tag_any);
    status |= make_layout(&all->bias, 1, bias, dnnl_f32, dnnl_a);
    status |= make_layout(&all->result, 4, result, out_type, dnnl_nhwc);
    return status;
}

static int append_activation(dnnl_post_ops_t operations, int activation) {
    dnnl_alg_kind_t kind = activation == OD_GELU ? dnnl_eltwise_gelu_erf : dnnl_eltwise_swish;
    float alpha = activation == OD_QUICKGELU ? 1.702f : 1.0f;
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_post_ops_append_eltwise(operations, kind, alpha, 0);
#else
    return dnnl_post_ops_append_eltwise(operations, 1, kind, alpha, 0);
#endif
}

static int append_sum(dnnl_post_ops_t operations) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_post_ops_append_sum(operations, 1, 0, dnnl_data_type_undef);
#else
    return dnnl_post_ops_append_sum(operations, 1);
#endif
}

static dnnl_primitive_attr_t make_attributes(const od_shape *s) {
    dnnl_primitive_attr_t attributes;
    dnnl_post_ops_t operations;
    if (dnnl_primitive_attr_create(&attributes)) return NULL;
    if (dnnl_post_ops_create(&operations)) {
        dnnl_primitive_attr_destroy(attributes);
        return NULL;
    }
    int status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    if (s->activation != OD_NONE) status |= append_activation(operations, s->activation);
    if (s->has_residual) status |= append_sum(operations);
    status |= dnnl_primitive_attr_set_post_ops(attributes, operations);
    dnnl_post_ops_destroy(operations);
    if (status) {
        dnnl_primitive_attr_destroy(attributes);
        return NULL;
    }
    return attributes;
}

static int describe(od_block *b, const layouts *all, layout_view weights, dnnl_primitive_attr_t a) {
    const od_shape *s = &b->shape;
    layout_view source = view(&all->source), result = view(&all->result);
    layout_view bias = s->has_bias ? view(&all->bias) : NULL;
    dnnl_dims_t strides = {s->stride, s->stride}, dilates = {0, 0};
    dnnl_dims_t before = {s->pad_top, s->pad_left}, after = {s->pad_bottom, s->pad_right};
#if DNNL_VERSION_MAJOR >= 3
    if (is_product(s))
        return dnnl_matmul_primitive_desc_create(
            &b->description, b->engine, source, weights, bias, result, a);
    return dnnl_convolution_forward_primitive_desc_create(
        &b->description, b->engine, dnnl_forward_inference, dnnl_convolution_direct, source,
        weights, bias, result, strides, dilates, before, after, a);
#else
    (void)dilates;
    if (is_product(s)) {
        dnnl_matmul_desc_t operation;
        int status = dnnl_matmul_desc_init(&operation, source, weights, bias, result);
        if (status) return status;
        return dnnl_primitive_desc_create(&b->description, &operation, a, b->engine, NULL);
    }
    dnnl_convolution_desc_t operation;
    int status = dnnl_convolution_forward_desc_init(
        &operation, dnnl_forward_inference, dnnl_convolution_direct, source, weights, bias,
        result, strides, before, after);
    if (status) return status;
    return dnnl_primitive_desc_create(&b->description, &operation, a, b->engine, NULL);
#endif
}

od_block *od_create(const od_shape *shape, const od_block *like) {
    omp_set_num_threads(1);
    od_block *b = calloc(1, sizeof *b);
    if (!b) return NULL;
    b->shape = *shape;
    layouts all;
    memset(&all, 0, sizeof all);
    dnnl_primitive_attr_t attributes = make_attributes(shape);
    int status = attributes == NULL || dnnl_engine_create(&b->engine, dnnl_cpu, 0)
        || make_layouts(shape, &all);
    if (!status)
        status = describe(b, &all, like ? weights_layout(like) : view(&all.weights), attributes);
    if (!status) status = dnnl_primitive_create(&b->primitive, b->description);
    if (attributes) dnnl_primitive_attr_destroy(attributes);
    free_layout(&all.source);
    free_layout(&all.weights);
    free_layout(&all.bias);
    free_layout(&all.result);
    if (!status) return b;
    od_destroy(b);
    return NULL;
}

void od_destroy(od_block *block) {
    if (!block) return;
    if (block->primitive) dnnl_primitive_destroy(block->primitive);
    if (block->description) dnnl_primitive_desc_destroy(block->description);
    if (block->engine) dnnl_engine_destroy(block->engine);
    free(block);
}

size_t od_weights_bytes(const od_block *block) {
    return dnnl_memory_desc_get_size(weights_layout(block));
}

static layout_view scratch_layout(const od_block *block) {
    return dnnl_primitive_desc_query_md(block->description, dnnl_query_scratchpad_md, 0);
}

size_t od_scratch_bytes(const od_block *block) {
    return dnnl_memory_desc_get_size(scratch_layout(block));
}

static int reorder(
    const od_block *b, dnnl_stream_t stream, dnnl_memory_t from, dnnl_memory_t to,
    layout_view dense) {
    dnnl_primitive_desc_t description;
    dnnl_primitive_t primitive;
    if (dnnl_reorder_primitive_desc_create(
            &description, dense, b->engine, weights_layout(b), b->engine, NULL))
        return 1;
    int status = dnnl_primitive_create(&primitive, description);
    dnnl_primitive_desc_destroy(description);
    if (status) return status;
    dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    status = dnnl_primitive_execute(primitive, stream, 2, arguments);
    if (!status) status = dnnl_stream_wait(stream);
    dnnl_primitive_destroy(primitive);
    return status;
}

int od_reorder(const od_block *block, const void *dense, void *weights) {
    omp_set_num_threads(1);
    const od_shape *s = &block->shape;
    layout plain;
    int status;
    if (is_product(s)) {
        dnnl_dim_t sizes[] = {s->inputs, s->outputs};
        status = make_layout(&plain, 2, sizes, element(s->type), dnnl_ba);
    } else {
        dnnl_dim_t sizes[] = {s->outputs, s->inputs, s->kernel_height, s->kernel_width};
        status = make_layout(&plain, 4, sizes, element(s->type), dnnl_abcd);
    }
    if (status) return status;
    dnnl_stream_t stream = NULL;
    dnnl_memory_t from = NULL, to = NULL;
    status = dnnl_stream_create(&stream, block->engine, dnnl_stream_default_flags)
        || dnnl_memory_create(&from, view(&plain), block->engine, (void *)(size_t)dense)
        || dnnl_memory_create(&to, weights_layout(block), block->engine, weights)
        || reorder(block, stream, from, to, view(&plain));
    if (to) dnnl_memory_destroy(to);
    if (from) dnnl_memory_destroy(from);
    if (stream) dnnl_stream_destroy(stream);
    free_layout(&plain);
    return status;
}

enum { ARGUMENTS = 5 };

static int execute(const od_block *b, dnnl_stream_t stream, dnnl_memory_t *memories,
    const od_operands *o) {
    static const dnnl_query_t queries[ARGUMENTS] = {
        dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md, dnnl_query_scratchpad_md,
        dnnl_query_weights_md,
    };
    static const int names[ARGUMENTS] = {
        DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST, DNNL_ARG_SCRATCHPAD, DNNL_ARG_BIAS,
    };
    void *handles[ARGUMENTS] = {
        (void *)(size_t)o->source, (void *)(size_t)o->weights, o->result, o->scratch,
        (void *)(size_t)o->bias,
    };
    int count = b->shape.has_bias ? ARGUMENTS : ARGUMENTS - 1;
    dnnl_exec_arg_t arguments[ARGUMENTS];
    for (int i = 0; i < count; i++) {
        layout_view l = dnnl_primitive_desc_query_md(b->description, queries[i], i == 4);
        if (dnnl_memory_create(&memories[i], l, b->engine, handles[i])) return 1;
        arguments[i] = (dnnl_exec_arg_t){names[i], memories[i]};
    }
    int status = dnnl_primitive_execute(b->primitive, stream, count, arguments);
    return status ? status : dnnl_stream_wait(stream);
}

int od_run(const od_block *block, const od_operands *operands) {
    omp_set_num_threads(1);
    const od_shape *s = &block->shape;
    if (s->has_residual) {
        size_t size = s->out_type == OD_F32 ? 4 : 2;
        memcpy(operands->result, operands->residual,
            (size_t)(s->out_height * s->out_width * s->outputs) * size);
    }
    dnnl_stream_t stream;
    if (dnnl_stream_create(&stream, block->engine, dnnl_stream_default_flags)) return 1;
    dnnl_memory_t memories[ARGUMENTS] = {0};
    int status = execute(block, stream, memories, operands);
    for (int i = 0; i < ARGUMENTS; i++)
        if (memories[i]) dnnl_memory_destroy(memories[i]);
    dnnl_stream_destroy(stream);
    return status;
}
