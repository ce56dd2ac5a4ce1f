// One HTTP request to a loopback port over a plain socket: enough for the sandbox's control calls.

import Foundation
import Glibc

/// The reply to one request.
struct HTTPReply: Sendable {
    var status: Int
    var body: String
}

enum HTTPCall {
    static func send(
        _ method: String, _ path: String, port: Int, headers: [String] = [], body: String = ""
    ) async throws -> HTTPReply {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try exchange(method, path, port, headers, body) })
            }
        }
    }

    /// A connected socket that gives up on a silent peer; the caller closes it.
    static func connected(to port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure("socket") }
        var limit = timeval(tv_sec: 30, tv_usec: 0)
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
            defer { close(descriptor) }
            throw failure("connect")
        }
        return descriptor
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw failure("send") }
            sent += count
        }
    }

    private static func exchange(
        _ method: String, _ path: String, _ port: Int, _ headers: [String], _ body: String
    ) throws -> HTTPReply {
        let descriptor = try connected(to: port)
        defer { close(descriptor) }
        let head =
            ([
                "\(method) \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close",
                "Content-Length: \(body.utf8.count)",
            ] + headers).map { $0 + "\r\n" }.joined() + "\r\n"
        try write(Array((head + body).utf8), to: descriptor)
        var received: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = recv(descriptor, &block, block.count, 0), count > 0 { received += block[..<count] }
        let text = String(decoding: received, as: UTF8.self)
        guard let mark = text.range(of: "\r\n\r\n"), let status = Int(text.dropFirst(9).prefix(3)) else {
            throw ChildProcessFailure(description: "\(method) \(path): no HTTP reply, but: \(text.prefix(200))")
        }
        return HTTPReply(status: status, body: String(text[mark.upperBound...]))
    }

    private static func failure(_ call: String) -> ChildProcessFailure {
        ChildProcessFailure(description: "\(call): \(String(cString: strerror(errno)))")
    }
}
