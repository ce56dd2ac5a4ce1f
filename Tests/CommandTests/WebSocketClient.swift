// A minimal WebSocket client (RFC 6455) over a blocking loopback socket: text messages, pings, close. For DevTools.

import Foundation
import Glibc
import TestSupport

/// One connection. Belongs to one thread at a time.
final class WebSocketClient {
    private let descriptor: Int32
    private var received: [UInt8] = []

    init(port: Int, path: String) throws {
        descriptor = try LoopbackSocket.connected(to: port)
        let key = Data((0..<16).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
        let request = """
            GET \(path) HTTP/1.1\r
            Host: 127.0.0.1:\(port)\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Key: \(key)\r
            Sec-WebSocket-Version: 13\r
            \r\n
            """
        try LoopbackSocket.write(Array(request.utf8), to: descriptor)
        let mark = Array("\r\n\r\n".utf8)
        while true {
            if let end = received.firstRange(of: mark) {
                let head = String(decoding: received[..<end.lowerBound], as: UTF8.self)
                guard head.hasPrefix("HTTP/1.1 101 ") else {
                    throw ChildProcessFailure(description: "no WebSocket: \(head)")
                }
                received.removeFirst(end.upperBound)
                return
            }
            try receive()
        }
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws { try send(opcode: 1, Array(text.utf8)) }

    /// The next text message; answers pings on the way.
    func nextText() throws -> String {
        var message: [UInt8] = []
        while true {
            let (isLast, opcode, payload) = try nextFrame()
            switch opcode {
            case 0, 1, 2:
                message += payload
                if isLast { return String(decoding: message, as: UTF8.self) }
            case 8: throw ChildProcessFailure(description: "the browser closed the connection")
            case 9: try send(opcode: 10, payload)
            default: break
            }
        }
    }

    /// A client masks what it sends; the mask protects proxies, of which there are none here.
    private func send(opcode: UInt8, _ payload: [UInt8]) throws {
        var frame: [UInt8] = [0x80 | opcode]
        switch payload.count {
        case ..<126: frame.append(0x80 | UInt8(payload.count))
        case ..<65_536: frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            frame.append(0x80 | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                frame.append(UInt8(truncatingIfNeeded: payload.count >> shift))
            }
        }
        let mask = (0..<4).map { _ in UInt8.random(in: 0...255) }
        frame += mask
        for (index, byte) in payload.enumerated() { frame.append(byte ^ mask[index & 3]) }
        try LoopbackSocket.write(frame, to: descriptor)
    }

    private func nextFrame() throws -> (isLast: Bool, opcode: UInt8, payload: [UInt8]) {
        try fill(2)
        let isLast = received[0] & 0x80 != 0, opcode = received[0] & 0x0F
        var length = Int(received[1] & 0x7F), offset = 2
        if length >= 126 {
            let bytes = length == 126 ? 2 : 8
            try fill(2 + bytes)
            length = received[2..<(2 + bytes)].reduce(0) { $0 << 8 | Int($1) }
            offset += bytes
        }
        try fill(offset + length)
        let payload = Array(received[offset..<(offset + length)])
        received.removeFirst(offset + length)
        return (isLast, opcode, payload)
    }

    private func fill(_ count: Int) throws { while received.count < count { try receive() } }

    private func receive() throws {
        var block = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &block, block.count, 0)
        guard count > 0 else {
            throw ChildProcessFailure(description: "the browser's connection ended, or was silent for 30 s")
        }
        received += block[..<count]
    }
}
