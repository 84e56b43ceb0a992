import Foundation
import Generation

/// A picture file on disk.
public enum ImageFile {
    /// Largest file that is read.
    static let maximumBytes = 1 << 30

    /// The bytes of a regular file.
    ///
    /// - Throws: ``FileError``.
    public static func bytes(at path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileError(.read, path: path, code: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw FileError(.read, path: path, code: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileError(.read, path: path, reason: "it is not a regular file")
        }
        guard status.st_size <= maximumBytes else {
            throw FileError(.read, path: path, reason: "it is larger than 1 GiB")
        }
        return try read(Int(status.st_size), from: descriptor, path: path)
    }

    /// Reads and decodes a PNG or JPEG.
    ///
    /// - Throws: ``FileError``, or ``UnreadableImage`` that names the file.
    public static func read(
        _ path: String, alpha: PNGCodec.Alpha = .overWhite
    ) throws -> PixelImage {
        let bytes = try bytes(at: path)
        do {
            return try PixelImage(decoding: bytes, alpha: alpha)
        } catch let error as ImageError {
            throw UnreadableImage(path: path, error: error)
        }
    }

    /// Reads a mask: the luma of any picture; what is transparent is black.
    ///
    /// - Throws: ``FileError``, or ``UnreadableImage`` that names the file.
    public static func readMask(_ path: String) throws -> GrayImage {
        GrayImage(try read(path, alpha: .overBlack))
    }

    /// The size of a picture by its header, without decoding it.
    ///
    /// - Throws: ``FileError``, or ``UnreadableImage`` that names the file.
    public static func size(at path: String) throws -> (width: Int, height: Int) {
        let bytes = try bytes(at: path)
        do {
            switch ImageFormat(firstBytes: bytes.prefix(16)) {
            case .png: return try PNGCodec.size(of: bytes)
            case .jpeg: return try JPEGCodec.size(of: bytes)
            case nil:
                throw ImageError.unknownFormat(
                    found: ImageFormat.unreadableName(firstBytes: bytes.prefix(16)))
            }
        } catch let error as ImageError {
            throw UnreadableImage(path: path, error: error)
        }
    }

    private static func read(_ size: Int, from descriptor: Int32, path: String) throws -> [UInt8] {
        var failure: Int32?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            while filled < size {
                let rest = UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(
                        buffer)[filled...])
                let count = Foundation.read(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                if count < 0 { failure = errno }
                // Shorter than it was a moment ago: the decoder says what is missing.
                if count <= 0 { break }
                filled += count
            }
        }
        if let failure { throw FileError(.read, path: path, code: failure) }
        return bytes
    }
}

/// A file whose content is no picture that can be read.
public struct UnreadableImage: UserFacingError, Hashable {
    /// The path as given.
    public let path: String
    /// What is wrong with its content.
    public let error: ImageError

    public var summary: String { "\(printable(path)): \(error.summary)" }
    public var hint: String? { error.hint }
}
