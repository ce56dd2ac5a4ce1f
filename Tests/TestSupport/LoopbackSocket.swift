// Blocking calls on a plain socket to a loopback port: what came back, and how the connection ended. A proper client
// would hide resets, half replies and exact bytes.

import Foundation
import Glibc

package enum LoopbackSocket {
    package struct Failure: Error, CustomStringConvertible {
        package let call: String
        package let code: Int32

        package var description: String { "\(call): \(String(cString: strerror(code)))" }
    }

    package enum Ending: Sendable, Equatable {
        case closed, reset, timedOut
    }

    /// A connected socket that gives up on a silent peer; the caller closes it.
    package static func connected(to port: Int, limit: Int = 30) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(call: "socket", code: errno) }
        var patience = timeval(tv_sec: limit, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
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

    /// Sends as much as the peer takes: it may answer and close before it has read it all.
    package static func write(_ bytes: [UInt8], to descriptor: Int32) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { throw Failure(call: "send", code: errno) }
            rest = rest.dropFirst(sent)
        }
    }

    /// One connection: sends, then reads to its end, on a thread of its own, since blocking calls would hold others up.
    package static func exchange(
        _ bytes: [UInt8], port: Int, limit: Int = 30
    ) async throws -> (received: [UInt8], ending: Ending, elapsed: Duration) {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let descriptor = try connected(to: port, limit: limit)
                        defer { close(descriptor) }
                        try? write(bytes, to: descriptor)
                        let start = ContinuousClock.now
                        let (received, ending) = readAll(descriptor)
                        return (received, ending, ContinuousClock.now - start)
                    })
            }
        }
    }

    private static func readAll(_ descriptor: Int32) -> ([UInt8], Ending) {
        var received: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(descriptor, &block, block.count, 0)
            guard count > 0 else { return (received, count == 0 ? .closed : errno == ECONNRESET ? .reset : .timedOut) }
            received += block[..<count]
        }
    }
}
