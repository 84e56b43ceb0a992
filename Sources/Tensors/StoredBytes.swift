/// Bytes on the heap that live as long as this object.
///
/// @unchecked Sendable: written only by the initialiser's caller before it is shared.
final class StoredBytes: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer

    init(byteCount: Int) {
        pointer = .allocate(byteCount: max(byteCount, 1), alignment: 64)
    }

    deinit { pointer.deallocate() }
}
