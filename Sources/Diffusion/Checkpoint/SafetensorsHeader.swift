/// Reads the JSON header of a safetensors file.
enum SafetensorsHeader {
    typealias Entry = SafetensorsFile.Entry

    /// Every tensor and the metadata; byte ranges are made absolute with `dataStart`.
    static func parse(
        _ bytes: UnsafeRawBufferPointer, dataStart: Int
    ) throws(JSONScanner.Failure) -> (entries: [String: Entry], metadata: [String: String]) {
        var scanner = JSONScanner(bytes)
        var entries: [String: Entry] = [:]
        var metadata: [String: String] = [:]
        try scanner.object { (scanner, name) throws(JSONScanner.Failure) in
            if name == "__metadata__" {
                metadata = try self.metadata(&scanner)
            } else {
                entries[name] = try entry(&scanner, name: name, dataStart: dataStart)
            }
        }
        guard scanner.isAtEnd() else { throw scanner.failure("something follows the header") }
        return (entries, metadata)
    }

    private static func metadata(
        _ scanner: inout JSONScanner
    ) throws(JSONScanner.Failure) -> [String: String] {
        var metadata: [String: String] = [:]
        try scanner.object { (scanner, key) throws(JSONScanner.Failure) in
            metadata[key] = try scanner.string()
        }
        return metadata
    }

    private static func entry(
        _ scanner: inout JSONScanner, name: String, dataStart: Int
    ) throws(JSONScanner.Failure) -> Entry {
        var typeName: String?
        var shape: [Int]?
        var offsets: [Int]?
        try scanner.object { (scanner, key) throws(JSONScanner.Failure) in
            switch key {
            case "dtype": typeName = try scanner.string()
            case "shape":
                shape = try scanner.unsignedIntegers(atMost: SafetensorsFile.maximumRank)
            case "data_offsets": offsets = try scanner.unsignedIntegers(atMost: 2)
            default: throw scanner.failure("tensor \"\(name)\" has an unknown key \"\(key)\"")
            }
        }
        guard let typeName, let shape, let offsets, offsets.count == 2 else {
            throw scanner.failure("tensor \"\(name)\" lacks dtype, shape or data_offsets")
        }
        guard let type = StorageType(rawValue: typeName) else {
            throw scanner.failure("tensor \"\(name)\" has the unknown type \"\(typeName)\"")
        }
        return try entry(name, type, shape, offsets, dataStart) { scanner.failure($0) }
    }

    private static func entry(
        _ name: String, _ type: StorageType, _ shape: [Int], _ offsets: [Int], _ dataStart: Int,
        failure: (String) -> JSONScanner.Failure
    ) throws(JSONScanner.Failure) -> Entry {
        var byteCount = type.byteCount
        for size in shape {
            let (product, overflow) = byteCount.multipliedReportingOverflow(by: size)
            guard !overflow else { throw failure("tensor \"\(name)\" has an absurd shape") }
            byteCount = product
        }
        guard offsets[0] <= offsets[1], offsets[1] <= Int.max - dataStart else {
            throw failure("tensor \"\(name)\" ends before it begins")
        }
        guard offsets[1] - offsets[0] == byteCount else {
            throw failure(
                "tensor \"\(name)\" of shape \(shape) needs \(byteCount) bytes "
                    + "and has \(offsets[1] - offsets[0])")
        }
        return Entry(
            name: name, type: type, shape: shape,
            byteRange: (dataStart + offsets[0])..<(dataStart + offsets[1]))
    }
}
