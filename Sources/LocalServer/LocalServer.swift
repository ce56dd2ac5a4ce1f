// A socket of this machine on which this process answers HTTP/1.1, and its end in good order.

package import HummingbirdCore
import Logging
package import NIOCore
import NIOPosix

/// Answers requests until it is stopped.
package final class LocalServer: Sendable {
    /// Why nothing can be answered.
    package struct Failure: Error {
        package var message: String
    }

    /// The TCP port it is bound to.
    package let port: Int
    private let gate: ConnectionGate
    private let serving: Task<Void, any Error>

    /// Returns once connections are accepted.
    /// - Parameters:
    ///   - port: 0 takes a free one.
    ///   - prepare: adds to a connection's pipeline, once that stands.
    package static func start(
        host: String, port: Int, prepare: @escaping @Sendable (any Channel) throws -> Void = { _ in },
        respond: @escaping HTTPChannelHandler.Responder
    ) async throws(Failure) -> LocalServer {
        let gate = ConnectionGate()
        let (outcomes, outcome) = AsyncStream.makeStream(of: Result<Int, Failure>.self)
        let http = HTTP1Channel(responder: respond, configuration: .init(idleTimeout: .seconds(300)))
        let server = Server(
            childChannelSetup: GatedHTTP1Channel(base: http, gate: gate, prepare: prepare),
            configuration: ServerConfiguration(address: .hostname(host, port: port), backlog: 1024),
            onServerRunning: { channel in outcome.yield(.success(channel.localAddress?.port ?? port)) },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "local server") { _ in SwiftLogNoOpLogHandler() })
        let serving = Task {
            do {
                try await server.run()
            } catch {
                let problem =
                    "\(host):\(port) cannot be used, most likely because something listens there already: take another --port"
                outcome.yield(.failure(Failure(message: "\(problem) (\(error))")))
                throw error
            }
        }
        var first = outcomes.makeAsyncIterator()
        let bound = try await first.next()?.get() ?? port
        return LocalServer(port: bound, gate, serving)
    }

    private init(port: Int, _ gate: ConnectionGate, _ serving: Task<Void, any Error>) {
        (self.port, self.gate, self.serving) = (port, gate, serving)
    }

    deinit { _ = Self.close(gate, serving) }

    /// Closes the socket and every connection. Safe to call twice.
    package func stop() async { await Self.close(gate, serving).value }

    /// Its own task, so that a cancelled caller still closes in good order.
    private static func close(_ gate: ConnectionGate, _ serving: Task<Void, any Error>) -> Task<Void, Never> {
        Task {
            await gate.shut()
            serving.cancel()
            _ = await serving.result
        }
    }

    /// Waits until it has stopped, for whatever reason.
    package func waitUntilStopped() async { _ = await serving.result }
}
