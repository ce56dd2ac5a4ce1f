// One HTTP request to a loopback port over a plain socket: enough for the sandbox's control calls.

import Foundation
import TestSupport

/// The reply to one request.
struct HTTPReply: Sendable {
    var status: Int
    var body: String
    /// The status line and the headers.
    var head = ""

    /// A header's value.
    subscript(name: String) -> String? {
        head.split(separator: "\r\n").lazy.compactMap { line -> String? in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == name.lowercased() else { return nil }
            return parts[1].trimmingCharacters(in: .whitespaces)
        }.first
    }
}

enum HTTPCall {
    static func send(
        _ method: String, _ path: String, port: Int, headers: [String] = [], body: String = "", host: String? = nil
    ) async throws -> HTTPReply {
        let head =
            ([
                "\(method) \(path) HTTP/1.1", "Host: \(host ?? "127.0.0.1:\(port)")", "Connection: close",
                "Content-Length: \(body.utf8.count)",
            ] + headers).map { $0 + "\r\n" }.joined() + "\r\n"
        let (received, _, _) = try await LoopbackSocket.exchange(Array((head + body).utf8), port: port, limit: 90)
        let text = String(decoding: received, as: UTF8.self)
        guard let mark = text.range(of: "\r\n\r\n"), let status = Int(text.dropFirst(9).prefix(3)) else {
            throw ChildProcessFailure(description: "\(method) \(path): no HTTP reply, but: \(text.prefix(200))")
        }
        return HTTPReply(status: status, body: String(text[mark.upperBound...]), head: String(text[..<mark.lowerBound]))
    }
}
