import AsyncHTTPClient
import NIOCore
import Providers

/// Reads a body piece by piece within its limits, and decompresses it.
actor BodyReader {
    private var pieces: HTTPClientResponse.Body.AsyncIterator
    private let limits: TransportLimits
    private let watch: ExchangeWatch
    private var inflater: Inflater?
    private var count = 0
    private var received = 0
    private let declared: Int?
    private var isAtEnd = false

    /// - Throws: ``TransportError`` when the headers say already that the body cannot be taken.
    init(
        _ response: HTTPClientResponse, _ headers: HTTPHeaders, limits: TransportLimits,
        watch: ExchangeWatch
    ) throws {
        pieces = response.body.makeAsyncIterator()
        self.limits = limits
        self.watch = watch
        declared = headers["Content-Length"].flatMap { Int($0) }
        if let declared, declared > limits.bodyBytes {
            throw TransportError(.tooLarge(limit: limits.bodyBytes), mayHaveArrived: true)
        }
        inflater = try Inflater(encoding: headers["Content-Encoding"])
    }

    deinit { watch.end() }

    /// The next piece, nil at the end.
    ///
    /// - Throws: ``TransportError``, `CancellationError`.
    func next() async throws -> [UInt8]? {
        while !isAtEnd {
            guard let piece = try await raw() else {
                isAtEnd = true
                watch.end()
                try inflater?.finish()
                return nil
            }
            received += piece.count
            let bytes = try expanded(piece)
            count += bytes.count
            guard count <= limits.bodyBytes else { throw ended(tooLarge) }
            if !bytes.isEmpty { return bytes }
        }
        return nil
    }

    /// All that is still to come. A picture comes in many pieces; they cost little here because
    /// they share one wait.
    ///
    /// - Throws: as ``next()``.
    func rest() async throws -> [UInt8] {
        guard !isAtEnd else { return [] }
        let bytes: [UInt8]
        do {
            bytes = try await watch.guarding { [self] in try await pullAll() }
        } catch {
            throw ended(
                TransportError.wrapping(error, verdict: watch.verdict, isHeadMissing: false))
        }
        isAtEnd = true
        watch.end()
        try inflater?.finish()
        return bytes
    }

    private func pullAll() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        // What a server declares is believed up to the size of a usual picture.
        bytes.reserveCapacity(min(max(0, declared ?? 0), 8 << 20))
        var iterator = pieces
        while let buffer = try await iterator.next(isolation: self) {
            watch.heard()
            if inflater == nil {
                count += buffer.readableBytes
                guard count <= limits.bodyBytes else { throw tooLarge }
                buffer.withUnsafeReadableBytes { bytes.append(contentsOf: $0) }
            } else {
                let piece = try expanded(Array(buffer.readableBytesView))
                count += piece.count
                guard count <= limits.bodyBytes else { throw tooLarge }
                bytes += piece
            }
        }
        return bytes
    }

    private var tooLarge: TransportError {
        TransportError(.tooLarge(limit: limits.bodyBytes), mayHaveArrived: true)
    }

    private func ended<Failure: Error>(_ error: Failure) -> Failure {
        isAtEnd = true
        watch.end()
        return error
    }

    private func expanded(_ piece: [UInt8]) throws -> [UInt8] {
        guard inflater != nil else { return piece }
        do {
            return try inflater?.expand(piece, limit: limits.bodyBytes - count) ?? piece
        } catch let error as TransportError {
            throw ended(error)
        }
    }

    private func raw() async throws -> [UInt8]? {
        do {
            return try await watch.guarding { [self] in try await pull() }
        } catch {
            isAtEnd = true
            watch.end()
            throw TransportError.wrapping(error, verdict: watch.verdict, isHeadMissing: false)
        }
    }

    private func pull() async throws -> [UInt8]? {
        var iterator = pieces
        let buffer = try await iterator.next(isolation: self)
        pieces = iterator
        return buffer.map { Array($0.readableBytesView) }
    }
}
