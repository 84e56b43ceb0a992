import Foundation
import Images

/// Writes small safetensors files: final latents, and test models.
public enum SafetensorsWriter {
    /// One tensor to write.
    public struct Tensor: Sendable {
        let name: String
        let type: StorageType
        let shape: [Int]
        let bytes: Data

        /// Floats, stored as F32.
        ///
        /// - Precondition: `values` has as many elements as `shape` says.
        public init(name: String, shape: [Int], values: [Float]) {
            precondition(values.count == shape.reduce(1, *), "shape and values differ")
            self.init(
                name: name, type: .f32, shape: shape,
                bytes: values.withUnsafeBytes { Data($0) })
        }

        /// Bytes that are already in the stored form.
        init(name: String, type: StorageType, shape: [Int], bytes: Data) {
            self.name = name
            self.type = type
            self.shape = shape
            self.bytes = bytes
        }
    }

    /// Writes `tensors` to `path`, under a temporary name first, so that no partial file remains;
    /// devices and pipes are written directly.
    ///
    /// - Throws: ``WeightsError/unwritable(file:reason:)``.
    public static func write(_ tensors: [Tensor], to path: String) throws(WeightsError) {
        var header: [String: HeaderEntry] = [:]
        var offset = 0
        for tensor in tensors {
            header[tensor.name] = HeaderEntry(
                dtype: tensor.type.rawValue, shape: tensor.shape,
                data_offsets: [offset, offset + tensor.bytes.count])
            offset += tensor.bytes.count
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            var json = try encoder.encode(header)
            json.append(Data(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8))
            var data = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
            data.append(json)
            for tensor in tensors { data.append(tensor.bytes) }
            try AtomicFile.write(Array(data), to: path)
        } catch let error as FileError {
            throw .unwritable(file: path, reason: error.reason)
        } catch {
            throw .unwritable(file: path, reason: error.localizedDescription)
        }
    }

    private struct HeaderEntry: Encodable {
        let dtype: String
        let shape: [Int]
        let data_offsets: [Int]
    }
}
