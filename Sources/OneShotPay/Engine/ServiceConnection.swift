// What carries the engine's requests to the service: a transport and its connections, or a simulated service.

package import HTTPTransport
package import NIOCore

/// Carries requests to the service. Every call comes from the engine's event loop.
package protocol ServiceConnection: AnyObject {
    /// Sends a request in its wire form and calls back exactly once, never before this call returns.
    /// - Parameter deadline: when the caller loses interest.
    func send(
        _ wire: ByteBuffer, deadline: NIODeadline, _ done: @escaping (Result<HTTPResponse, HTTPFailure>) -> Void
    ) -> any ServiceExchange
    /// Fails what is under way with code `shut_down`, and calls back.
    func shutdown(_ done: @escaping () -> Void)
    /// Lets go of what is under way without calling back, as when the process is killed.
    func discard()
}

extension ServiceConnection {
    package func discard() {}
}

/// A request under way.
package protocol ServiceExchange: AnyObject {
    /// Whether its bytes may have left this machine.
    var hasLeft: Bool { get }
    /// Ends it: its callback runs at once with code `cancelled`.
    func cancel()
}

extension HTTPExchange: ServiceExchange {}

extension OneShotPayError.Code {
    /// What the transport's codes are called here.
    package init(_ code: HTTPFailure.Code) {
        self =
            switch code {
            case .invalidRequest: .invalidRequest
            case .invalidConfiguration: .invalidConfiguration
            case .resolveFailed: .resolveFailed
            case .connectFailed: .connectFailed
            case .tlsFailed: .tlsFailed
            case .timeout: .timeout
            case .cancelled: .cancelled
            case .connectionLost: .connectionLost
            case .badReply: .badReply
            case .replyTooLarge: .replyTooLarge
            case .shutDown: .shutDown
            }
    }
}

/// The connections of a transport to the service's own address.
final class PooledConnection: ServiceConnection {
    private let transport: HTTPTransport
    private let pool: HTTPConnectionPool

    init(_ transport: HTTPTransport, to address: WebAddress) {
        self.transport = transport
        pool = transport.pool(for: address)
    }

    func send(
        _ wire: ByteBuffer, deadline: NIODeadline, _ done: @escaping (Result<HTTPResponse, HTTPFailure>) -> Void
    ) -> any ServiceExchange {
        pool.send(wire, deadline: deadline, done)
    }

    func shutdown(_ done: @escaping () -> Void) { transport.shutdown(done) }
}
