// A server that misbehaves to order: raw bytes over loopback, by script, with a record of what it was asked.
// It shares no code with the client's transport: requests are parsed by hand (ServerRequest.swift).

import NIOCore
import NIOPosix
package import NIOSSL
import Synchronization

package final class LoopbackServer: Sendable {
    package typealias Script = @Sendable (ServerRequest) -> [ServerStep]

    package struct Log: Sendable {
        package var connections = 0
        package var closed = 0
        /// Connections that the server has begun to close: over TLS its notice is on its way.
        package var closing = 0
        package var requests: [ServerRequest] = []
    }

    package let port: Int
    private let channel: any Channel
    private let holder: Holder

    /// - Parameter number: what a request is counted as; `nil` counts all of them.
    package static func start(
        host: String = "127.0.0.1", tls: NIOSSLContext? = nil,
        number: (@Sendable (ServerRequest, [ServerRequest]) -> Int)? = nil, _ script: @escaping Script
    ) async throws -> LoopbackServer {
        let holder = Holder()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 512)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    let connection = holder.log.withLock { log in
                        log.connections += 1
                        return log.connections - 1
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        StepHandler(
                            connection: connection, onClosing: { holder.log.withLock { $0.closing += 1 } },
                            onClose: { holder.log.withLock { $0.closed += 1 } }
                        ) { script(holder.record($0, number)) })
                }
            }
            .bind(host: host, port: 0).get()
        return LoopbackServer(channel: channel, holder: holder)
    }

    private init(channel: any Channel, holder: Holder) {
        self.channel = channel
        self.holder = holder
        port = channel.localAddress?.port ?? 0
    }

    package var log: Log { holder.log.withLock { $0 } }
    package var url: String { "http://127.0.0.1:\(port)" }

    package func stop() async {
        try? await channel.close()
    }

    private final class Holder: Sendable {
        let log = Mutex(Log())

        func record(_ request: ServerRequest, _ number: ((ServerRequest, [ServerRequest]) -> Int)?) -> ServerRequest {
            log.withLock { log in
                var numbered = request
                numbered.number = number?(request, log.requests) ?? log.requests.count
                log.requests.append(numbered)
                return numbered
            }
        }
    }
}
