import CKernels

extension Compute {
    /// softmax(scale q k^T) v per head, for q [B, Q, heads * d] and k, v [B, K, heads * d];
    /// returns [B, Q, heads * d]. `scale` nil is 1 / sqrt(d). With `causal`, query i sees keys
    /// 0...i. No matrix of scores is held in memory.
    public func attention(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, heads: Int, causal: Bool = false,
        scale: Float? = nil
    ) throws -> Tensor {
        guard q.shape.count == 3, k.shape == v.shape, k.shape.count == 3,
            q.shape[0] == k.shape[0], q.shape[2] == k.shape[2]
        else {
            throw TensorError.shapeMismatch(
                operation: "attention", detail: "\(q.shape), \(k.shape), \(v.shape)")
        }
        let width = q.shape[2]
        return try attention(
            AttentionInput(q, 0), AttentionInput(k, 0), AttentionInput(v, 0),
            AttentionSizes(width: width, heads: heads, causal: causal, scale: scale))
    }

    /// Self-attention of a fused projection [B, S, 3 * heads * d] holding q, k and v side by
    /// side; returns [B, S, heads * d].
    ///
    /// `quantized` rounds q, k, v and the probabilities to int8, as SageAttention (Zhang et al.,
    /// 2024) does for the first two; where `d` is a multiple of 16 and nothing is causal.
    public func selfAttention(
        qkv: Tensor, heads: Int, causal: Bool = false, scale: Float? = nil,
        quantized: Bool = false
    ) throws -> Tensor {
        guard qkv.shape.count == 3, qkv.channels % 3 == 0 else {
            throw TensorError.shapeMismatch(operation: "self-attention", detail: "\(qkv.shape)")
        }
        let width = qkv.channels / 3
        return try attention(
            AttentionInput(qkv, 0), AttentionInput(qkv, width), AttentionInput(qkv, 2 * width),
            AttentionSizes(
                width: width, heads: heads, causal: causal, scale: scale, quantized: quantized))
    }

    private func attention(
        _ q: AttentionInput, _ k: AttentionInput, _ v: AttentionInput, _ sizes: AttentionSizes
    ) throws -> Tensor {
        let batch = q.tensor.shape[0], queries = q.tensor.shape[1], keys = k.tensor.shape[1]
        let precision = q.tensor.precision
        guard sizes.heads > 0, sizes.width % sizes.heads == 0, keys > 0,
            k.tensor.precision == precision, v.tensor.precision == precision
        else {
            throw TensorError.shapeMismatch(
                operation: "attention",
                detail: "\(sizes.heads) heads of \(sizes.width), \(keys) keys")
        }
        let result = try tensor([batch, queries, sizes.width], precision)
        var work = ck_attention()
        work.q = q.pointer
        work.k = k.pointer
        work.v = v.pointer
        work.q_stride = q.tensor.channels
        work.k_stride = k.tensor.channels
        work.v_stride = v.tensor.channels
        work.out = result.pointer
        work.out_stride = sizes.width
        work.batch = batch
        work.heads = sizes.heads
        work.dim = sizes.width / sizes.heads
        work.queries = queries
        work.keys = keys
        work.scale = sizes.scale ?? 1 / Float(work.dim).squareRoot()
        work.causal = sizes.causal ? 1 : 0
        work.type = precision.code
        let isInt8 = sizes.quantized && !sizes.causal && work.dim % 16 == 0
        let workspace = try arena.allocate(
            isInt8 ? ck_attention_int8_workspace(&work) : ck_attention_workspace(&work))
        work.workspace = workspace.pointer
        let operations = 4 * Double(batch * queries) * Double(keys * sizes.width)
        try withExtendedLifetime((q.tensor, k.tensor, v.tensor, workspace)) {
            try run(.attention, operations: sizes.causal ? operations / 2 : operations) {
                isInt8
                    ? ck_attention_int8_run(pool, level.code, &work)
                    : ck_attention_run(pool, level.code, &work)
            }
        }
        return result
    }
}

/// One operand of attention: columns `first`... of a tensor's rows.
private struct AttentionInput {
    let tensor: Tensor
    let first: Int

    init(_ tensor: Tensor, _ first: Int) {
        self.tensor = tensor
        self.first = first
    }

    var pointer: UnsafeRawPointer {
        UnsafeRawPointer(tensor.pointer + first * tensor.precision.byteCount)
    }
}

private struct AttentionSizes {
    let width: Int
    let heads: Int
    let causal: Bool
    let scale: Float?
    var quantized = false
}
