import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Providers

extension TransportError {
    /// An error of the network in our words; cancellation stays what it is.
    ///
    /// - Parameters:
    ///   - verdict: why our own watch ended the exchange.
    ///   - isHeadMissing: whether no answer had begun.
    static func wrapping(
        _ error: any Error, verdict: Reason?, isHeadMissing: Bool
    ) -> any Error {
        if verdict == nil, error is CancellationError || error as? HTTPClientError == .cancelled {
            return CancellationError()
        }
        return TransportError(error, verdict: verdict, isHeadMissing: isHeadMissing)
    }

    init(_ error: any Error, verdict: Reason?, isHeadMissing: Bool) {
        if let known = error as? TransportError {
            self = known
        } else if let verdict {
            self.init(verdict, mayHaveArrived: true)
        } else if let error = error as? HTTPClientError {
            self.init(client: error, isHeadMissing: isHeadMissing)
        } else {
            self.init(system: error, isHeadMissing: isHeadMissing)
        }
    }

    private init(client error: HTTPClientError, isHeadMissing: Bool) {
        switch error {
        case .connectTimeout, .getConnectionFromPoolTimeout:
            self.init(.unreachable, detail: "no connection in time", mayHaveArrived: false)
        case .tlsHandshakeTimeout:
            self.init(.insecure, detail: "no handshake in time", mayHaveArrived: false)
        case .socksHandshakeTimeout, .httpProxyHandshakeTimeout, .invalidProxyResponse:
            self.init(.unreachable, detail: "the proxy does not answer", mayHaveArrived: false)
        case .proxyAuthenticationRequired:
            self.init(
                .unreachable, detail: "the proxy wants another user or password",
                mayHaveArrived: false)
        case .readTimeout, .writeTimeout, .deadlineExceeded:
            self.init(.timedOut, mayHaveArrived: true)
        case .remoteConnectionClosed, .uncleanShutdown, .bodyLengthMismatch:
            self.init(.interrupted, mayHaveArrived: true)
        default:
            self.init(.malformed, detail: error.shortDescription, mayHaveArrived: true)
        }
    }

    private init(system error: any Error, isHeadMissing: Bool) {
        switch error {
        case let error as NIOConnectionError:
            let reason =
                error.connectionErrors.first.map { Self.words($0.error) }
                ?? "the name \(error.host) is not known"
            self.init(.unreachable, detail: reason, mayHaveArrived: false)
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            self.init(.insecure, detail: "\(error)", mayHaveArrived: !isHeadMissing)
        case let error as HTTPParserError where error == .invalidEOFState:
            self.init(.interrupted, mayHaveArrived: true)
        case is HTTPParserError:
            self.init(.malformed, detail: "\(error)", mayHaveArrived: true)
        case let error as IOError where isHeadMissing && error.errnoCode == 111:
            self.init(.unreachable, detail: Self.words(error), mayHaveArrived: false)
        default:
            self.init(.interrupted, detail: Self.words(error), mayHaveArrived: true)
        }
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case is ChannelError: ""
        default: "\(error)"
        }
    }
}
