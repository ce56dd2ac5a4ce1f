// A reply as plain bytes and headers, before it meets HTTP or a fault.
// Delivery turns it into what leaves the socket.

/// What the sandbox answers.
struct Reply: Sendable, Equatable {
    var status: Int
    var contentType: String
    var headers: [(name: String, value: String)] = []
    var body: [UInt8]

    static func json(_ value: JSONValue, status: Int = 200) -> Reply {
        Reply(status: status, contentType: "application/json", body: value.bytes)
    }

    static func refusal(_ refusal: Refusal) -> Reply {
        var reply = Reply.json(
            .object([JSONMember("error", .string(refusal.code)), JSONMember("message", .string(refusal.message))]),
            status: refusal.status
        )
        if refusal.status == 401 { reply.headers.append(("WWW-Authenticate", "Bearer")) }
        return reply
    }

    static func methodNotAllowed(allow: String) -> Reply {
        var reply = refusal(Refusal(status: 405, code: "method_not_allowed", message: "this address takes \(allow)"))
        reply.headers.append(("Allow", allow))
        return reply
    }

    static func redirect(to location: String, status: Int = 303) -> Reply {
        Reply(status: status, contentType: "text/plain; charset=utf-8", headers: [("Location", location)], body: [])
    }

    /// The head as HTTP/1.1 bytes, for replies that are written past the encoder.
    func head() -> [UInt8] {
        var text = "HTTP/1.1 \(status) \(status < 400 ? "OK" : "Error")\r\n"
        text += "content-type: \(contentType)\r\ncontent-length: \(body.count)\r\n"
        for header in headers { text += "\(header.name): \(header.value)\r\n" }
        return Array((text + "\r\n").utf8)
    }

    static func == (left: Reply, right: Reply) -> Bool {
        left.status == right.status && left.contentType == right.contentType && left.body == right.body
            && left.headers.elementsEqual(right.headers) { $0 == $1 }
    }
}
