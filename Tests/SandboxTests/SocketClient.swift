// A raw HTTP/1.1 client on a plain socket: it sees resets, half replies and exact bytes, which any
// proper client would hide. One connection a request; blocking calls stay off Swift's own threads.

import Foundation
import TestSupport

@testable import Sandbox

/// What came back over one connection, down to how it ended.
struct RawReply: Sendable {
    var bytes: [UInt8]
    var ending: LoopbackSocket.Ending
    /// Seconds from the request's last byte to the end.
    var elapsed: Duration

    private var split: (head: String, body: [UInt8])? {
        let mark = Array("\r\n\r\n".utf8)
        guard bytes.count >= mark.count else { return nil }
        for index in 0...(bytes.count - mark.count) where Array(bytes[index..<(index + mark.count)]) == mark {
            return (String(decoding: bytes[..<index], as: UTF8.self), Array(bytes[(index + mark.count)...]))
        }
        return nil
    }

    var status: Int? { split.flatMap { Int($0.head.dropFirst("HTTP/1.1 ".count).prefix(3)) } }
    var body: [UInt8] { split?.body ?? [] }
    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSONValue? { try? JSONReader.parse(body) }

    func header(_ name: String) -> String? {
        for line in split?.head.components(separatedBy: "\r\n").dropFirst() ?? [] {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == name.lowercased() { return parts[1].trimmed }
        }
        return nil
    }
}

/// Sends one request to a loopback port.
struct SocketClient: Sendable {
    var port: Int

    func send(
        _ method: String,
        _ path: String,
        headers: [String: String] = [:],
        body: String? = nil,
        close: Bool = true
    ) async throws -> RawReply {
        var text = "\(method) \(path) HTTP/1.1\r\n"
        if headers["Host"] == nil { text += "Host: 127.0.0.1:\(port)\r\n" }
        if close { text += "Connection: close\r\n" }
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if let body { text += "Content-Length: \(body.utf8.count)\r\n" }
        return try await send(Array((text + "\r\n" + (body ?? "")).utf8))
    }

    func send(_ bytes: [UInt8]) async throws -> RawReply {
        let (received, ending, elapsed) = try await LoopbackSocket.exchange(bytes, port: port, limit: 20)
        return RawReply(bytes: received, ending: ending, elapsed: elapsed)
    }

    /// Opens a connection and leaves it idle; the caller closes the descriptor.
    func connectIdle() throws -> Int32 { try LoopbackSocket.connected(to: port, limit: 20) }
}

extension SocketClient {
    /// Closes a connection from ``connectIdle()``.
    static func hangUp(_ descriptor: Int32) { Foundation.close(descriptor) }
}
