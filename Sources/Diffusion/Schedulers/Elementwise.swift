/// Loops over latents, with unchecked access so that debug builds are quick too.
///
/// The closures spell out the order of operations; Swift does not fuse or reorder float arithmetic,
/// so a closure rounds exactly where the reference's chain of tensor operations does.
enum Elementwise {
    /// One result per element of one array.
    static func map(_ a: [Float], _ body: (Float) -> Float) -> [Float] {
        a.withUnsafeBufferPointer { a in
            [Float](unsafeUninitializedCapacity: a.count) { result, count in
                for index in 0..<a.count { result[index] = body(a[index]) }
                count = a.count
            }
        }
    }

    /// One result per element of two arrays of equal length.
    static func map(_ a: [Float], _ b: [Float], _ body: (Float, Float) -> Float) -> [Float] {
        precondition(a.count == b.count, "latents of different sizes")
        return a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                [Float](unsafeUninitializedCapacity: a.count) { result, count in
                    for index in 0..<a.count { result[index] = body(a[index], b[index]) }
                    count = a.count
                }
            }
        }
    }

    /// One result per element of three arrays of equal length.
    static func map(
        _ a: [Float], _ b: [Float], _ c: [Float], _ body: (Float, Float, Float) -> Float
    ) -> [Float] {
        precondition(a.count == b.count && a.count == c.count, "latents of different sizes")
        return a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                c.withUnsafeBufferPointer { c in
                    [Float](unsafeUninitializedCapacity: a.count) { result, count in
                        for index in 0..<a.count {
                            result[index] = body(a[index], b[index], c[index])
                        }
                        count = a.count
                    }
                }
            }
        }
    }
}
