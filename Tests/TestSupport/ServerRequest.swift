// What a LoopbackServer is asked, and what it does.

package import NIOCore

/// One request as it arrived.
package struct ServerRequest: Sendable {
    package let method: String
    package let path: String
    /// By lower-case name; several of one name joined by a bar.
    package let headers: [String: String]
    package let body: String
    /// Counts connections from 0.
    package let connection: Int
    /// Counts requests from 0.
    package var number = 0
}

/// What the server does with a request, step by step.
package enum ServerStep: Sendable {
    case send([UInt8])
    /// Ends the connection in order.
    case close
    /// The same after a while, in which the client may have read what came before.
    case closeAfter(TimeAmount)
    /// Breaks it off.
    case reset
    /// Keeps silent and never answers.
    case stall
    /// Sends byte by byte, so far apart.
    case drip([UInt8], every: TimeAmount)

    package static func send(_ text: String) -> ServerStep { .send(Array(text.utf8)) }
}

extension ServerRequest {
    /// The first request of what was received, taken from it; `nil`: it is not complete.
    static func take(from received: inout [UInt8], connection: Int) -> ServerRequest? {
        let mark: [UInt8] = [13, 10, 13, 10]
        guard received.count >= 4,
            let end = (0...(received.count - 4)).first(where: { received[$0..<($0 + 4)].elementsEqual(mark) })
        else { return nil }
        let lines = String(decoding: received[..<end], as: UTF8.self).split(separator: "\r\n")
        let words = lines[0].split(separator: " ")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            let name = parts[0].lowercased(), value = String(parts[1].drop { $0 == " " })
            headers[name] = headers[name].map { $0 + "|" + value } ?? value
        }
        let length = Int(headers["content-length"] ?? "0") ?? 0
        let start = end + 4
        guard received.count >= start + length else { return nil }
        let body = String(decoding: received[start..<start + length], as: UTF8.self)
        received.removeFirst(start + length)
        return ServerRequest(
            method: String(words[0]), path: String(words[1]), headers: headers, body: body, connection: connection)
    }
}
