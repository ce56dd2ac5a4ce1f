// A web server by hand, for scripts to talk to: what it was sent is recorded as it came, what it answers is a test's.

import NIOSSL
import TestSupport

enum RawReply: Sendable {
    case text(String)
    /// Breaks the connection off.
    case reset
    /// Never answers.
    case silence

    static func status(_ status: Int, _ headers: [String] = [], _ body: String = "") -> RawReply {
        let fields = headers.map { $0 + "\r\n" }.joined()
        return .text("HTTP/1.1 \(status) X\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    static func ok(_ body: String = "") -> RawReply { status(200, [], body) }

    var steps: [ServerStep] {
        switch self {
        case .text(let text): [.send(text)]
        case .reset: [.reset]
        case .silence: [.stall]
        }
    }
}

struct RawServer: Sendable {
    private let server: LoopbackServer

    static func start(
        tls: NIOSSLContext? = nil, _ answer: @escaping @Sendable (ServerRequest) -> RawReply
    ) async throws -> RawServer {
        RawServer(server: try await LoopbackServer.start(tls: tls) { answer($0).steps })
    }

    var port: Int { server.port }
    var requests: [ServerRequest] { server.log.requests }
    var url: String { server.url }

    func stop() async { await server.stop() }
}
