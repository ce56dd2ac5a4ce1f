// The service as tests of the client see it: a server that misbehaves to order, with a record of what it was asked.

import NIOSSL
import TestSupport

extension ServerRequest {
    var isToken: Bool { path.hasSuffix("/token") }
}

/// Ready replies.
enum Reply {
    static let token = json(#"{"access_token":"access-1","token_type":"Bearer","expires_in":3600}"#)
    static let link = json(Sample.json())
    static let paid = json(Sample.paid())

    static func token(_ value: String, expiresIn: String = "3600") -> String {
        json(#"{"access_token":"\#(value)","token_type":"Bearer","expires_in":\#(expiresIn)}"#)
    }

    static func json(_ body: String, status: String = "200 OK") -> String {
        "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    static func status(_ status: Int, _ headers: String = "", body: String = "no") -> String {
        "HTTP/1.1 \(status) X\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }
}

struct FaultServer: Sendable {
    typealias Script = LoopbackServer.Script

    private let server: LoopbackServer

    /// Answers token requests well, and leaves the rest to `script`; with `scriptsTokens` it leaves them all. Requests
    /// are counted by method and kind of path.
    static func start(
        host: String = "127.0.0.1", tls: NIOSSLContext? = nil, scriptsTokens: Bool = false, _ script: @escaping Script
    ) async throws -> FaultServer {
        let server = try await LoopbackServer.start(
            host: host, tls: tls,
            number: { request, earlier in
                earlier.count { $0.method == request.method && $0.isToken == request.isToken }
            }
        ) { request in
            request.isToken && !scriptsTokens ? [.send(Reply.token)] : script(request)
        }
        return FaultServer(server: server)
    }

    var port: Int { server.port }
    var requests: [ServerRequest] { server.log.requests }
    var closed: Int { server.log.closed }
    var closing: Int { server.log.closing }
    var connections: Int { server.log.connections }
    var tokenRequests: Int { requests.count { $0.isToken } }
    var creates: [ServerRequest] { requests.filter { $0.method == "POST" && !$0.isToken } }
    var gets: [ServerRequest] { requests.filter { $0.method == "GET" } }

    func stop() async { await server.stop() }
}
