// Whoever sends requests: a transport, or a made-up network.

package import NIOCore

/// Sends HTTP requests from one event loop. Every call must come from that loop.
package protocol HTTPSender: AnyObject {
    var eventLoop: any EventLoop { get }
    /// Sends a request and calls back exactly once, never before this call returns.
    /// - Parameters:
    ///   - deadline: when the caller loses interest.
    ///   - maximumReplyBytes: the longest reply body; `nil` takes the sender's own.
    func begin(
        _ request: HTTPRequest, deadline: NIODeadline, maximumReplyBytes: Int?,
        _ done: @escaping (Result<HTTPResponse, HTTPFailure>) -> Void
    ) -> any SentRequest
    /// Fails what is under way with code `shut_down`, and calls back.
    func shutdown(_ done: @escaping () -> Void)
}

/// A request under way.
package protocol SentRequest: AnyObject {
    /// Ends it: its callback runs at once with code `cancelled`.
    func cancel()
}

extension HTTPExchange: SentRequest {}

extension HTTPTransport: HTTPSender {
    package func begin(
        _ request: HTTPRequest, deadline: NIODeadline, maximumReplyBytes: Int?,
        _ done: @escaping (Result<HTTPResponse, HTTPFailure>) -> Void
    ) -> any SentRequest {
        send(request, deadline: deadline, maximumReplyBytes: maximumReplyBytes, done)
    }
}
