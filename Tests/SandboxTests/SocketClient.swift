// A raw HTTP/1.1 client on a plain socket: it sees resets, half replies and exact bytes, which any
// proper client would hide. One connection a request; blocking calls stay off Swift's own threads.

import Foundation

@testable import Sandbox

/// What came back over one connection, down to how it ended.
struct RawReply: Sendable {
    enum Ending: Sendable, Equatable {
        case closed, reset, timedOut
    }

    var bytes: [UInt8]
    var ending: Ending
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
    struct Failure: Error {
        var call: String
        var code: Int32
    }

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
        try await withCheckedThrowingContinuation { continuation in
            // A thread of its own: Dispatch adds threads to its pool too slowly when all of them block.
            Thread.detachNewThread {
                continuation.resume(with: Result { try exchange(bytes) })
            }
        }
    }

    /// Opens a connection and leaves it idle; the caller closes the descriptor.
    func connectIdle() throws -> Int32 { try connected() }

    private func connected() throws -> Int32 {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { throw Failure(call: "socket", code: errno) }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let code = errno
            close(descriptor)
            throw Failure(call: "connect", code: code)
        }
        return descriptor
    }

    private func exchange(_ bytes: [UInt8]) throws -> RawReply {
        let descriptor = try connected()
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { break }  // The server may answer and close before it has read it all.
            rest = rest.dropFirst(sent)
        }
        let start = ContinuousClock.now
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 {
                received.append(contentsOf: buffer[..<count])
                continue
            }
            let ending: RawReply.Ending = count == 0 ? .closed : errno == ECONNRESET ? .reset : .timedOut
            return RawReply(bytes: received, ending: ending, elapsed: ContinuousClock.now - start)
        }
    }
}

extension SocketClient {
    /// Closes a connection from ``connectIdle()``.
    static func hangUp(_ descriptor: Int32) { Foundation.close(descriptor) }
}
