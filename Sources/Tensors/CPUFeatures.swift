import CKernels

/// The instruction sets of this machine that the kernels know.
public enum CPUFeatures {
    /// Their names, such as `avx2` and `avx512f`, sorted.
    public static var names: [String] {
        var text = [CChar](repeating: 0, count: 512)
        ck_cpu_features(&text, text.count)
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self).split(separator: " ").map(String.init)
            .sorted()
    }
}
