import COpenSSL
import Foundation
import Generation

/// SHA-256 (FIPS 180-4) of bytes and files, through OpenSSL's libcrypto, which uses the CPU's own
/// instructions for it.
public struct SHA256: ~Copyable {
    private let context = EVP_MD_CTX_new()

    /// A hash of nothing yet.
    public init() {
        EVP_DigestInit_ex(context, EVP_sha256(), nil)
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    /// Adds bytes.
    public func update(_ bytes: UnsafeRawBufferPointer) {
        EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    /// The hash of everything added, as 64 lower-case hexadecimal digits. The value is used up.
    public consuming func hexDigest() -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        EVP_DigestFinal_ex(context, &digest, &length)
        return digest.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// The hash of a run of bytes, as hexadecimal digits.
    public static func hexDigest(of bytes: some Collection<UInt8>) -> String {
        let hash = SHA256()
        let isContiguous: Void? = bytes.withContiguousStorageIfAvailable {
            hash.update(UnsafeRawBufferPointer($0))
        }
        if isContiguous == nil { Array(bytes).withUnsafeBytes { hash.update($0) } }
        return hash.hexDigest()
    }

    /// The hash of a file's content, read in pieces of 1 MiB.
    ///
    /// - Throws: the error of the file system when the file cannot be read; `CancellationError`
    ///   when the surrounding task is cancelled, checked at each piece.
    public static func hexDigest(ofFileAt path: String) throws -> String {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        let hash = SHA256()
        while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
            try Task.checkCancellation()
            piece.withUnsafeBytes { hash.update($0) }
        }
        return hash.hexDigest()
    }
}

extension PixelImage {
    /// SHA-256 over the raw 8-bit RGB rows: the same for every file format and compression.
    public var pixelsSHA256: String { SHA256.hexDigest(of: rgb) }
}
