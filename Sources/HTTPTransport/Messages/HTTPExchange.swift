// One request on its way: queued, then on a connection, then finished exactly once.

import NIOCore

/// A request that was handed to the transport. Belongs to the transport's event loop.
package final class HTTPExchange {
    let wire: ByteBuffer
    /// Whether the reply has no body whatever its headers say.
    let isHead: Bool
    /// When the caller loses interest.
    let deadline: NIODeadline
    /// The longest reply body, where it is not the transport's setting.
    let maximumReplyBytes: Int?
    /// When the request fails once it is on a connection; set there.
    var activeDeadline = NIODeadline.distantFuture
    private var done: ((Result<HTTPResponse, HTTPFailure>) -> Void)?
    private let pool: HTTPConnectionPool
    /// The connection that carries it; let go when it finishes.
    var connection: HTTPConnection?
    /// Whether it waits in its pool for a connection.
    var isPending = false

    init(
        wire: ByteBuffer, isHead: Bool, deadline: NIODeadline, pool: HTTPConnectionPool,
        maximumReplyBytes: Int? = nil, _ done: @escaping (Result<HTTPResponse, HTTPFailure>) -> Void
    ) {
        self.wire = wire
        self.isHead = isHead
        self.deadline = deadline
        self.maximumReplyBytes = maximumReplyBytes
        self.pool = pool
        self.done = done
    }

    var isFinished: Bool { done == nil }
    /// Whether its bytes may have left this machine.
    package var hasLeft: Bool { connection != nil }

    /// Ends the request: its callback runs at once with code `cancelled`, and its connection is closed.
    package func cancel() {
        guard !isFinished else { return }
        if let connection {
            connection.fail(HTTPFailure(.cancelled, "the request was cancelled after it was sent", bytesSent: true))
        } else {
            if isPending { pool.pendingEnded(self) }
            finish(.failure(HTTPFailure(.cancelled, "the request was cancelled before it was sent", bytesSent: false)))
        }
    }

    func finish(_ result: Result<HTTPResponse, HTTPFailure>) {
        guard let done else { return }
        self.done = nil
        connection = nil
        done(result)
    }
}
