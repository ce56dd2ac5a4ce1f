// One HTTP request to a loopback port over a plain socket: enough for the sandbox's control calls.

import Foundation
import TestSupport

/// The reply to one request.
struct HTTPReply: Sendable {
    var status: Int
    var body: String
}

enum HTTPCall {
    static func send(
        _ method: String, _ path: String, port: Int, headers: [String] = [], body: String = ""
    ) async throws -> HTTPReply {
        let head =
            ([
                "\(method) \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close",
                "Content-Length: \(body.utf8.count)",
            ] + headers).map { $0 + "\r\n" }.joined() + "\r\n"
        let (received, _, _) = try await LoopbackSocket.exchange(Array((head + body).utf8), port: port, limit: 90)
        let text = String(decoding: received, as: UTF8.self)
        guard let mark = text.range(of: "\r\n\r\n"), let status = Int(text.dropFirst(9).prefix(3)) else {
            throw ChildProcessFailure(description: "\(method) \(path): no HTTP reply, but: \(text.prefix(200))")
        }
        return HTTPReply(status: status, body: String(text[mark.upperBound...]))
    }
}
