// A complete reply.

import Console
package import NIOCore
import NIOHTTP1

/// A complete reply to an HTTP request.
package struct HTTPResponse: Sendable {
    package let status: Int
    package let body: ByteBuffer
    private let fields: HTTPHeaders

    init(status: Int, fields: HTTPHeaders, body: ByteBuffer) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    package init(status: Int, headers: [(name: String, value: String)], body: ByteBuffer) {
        self.init(status: status, fields: HTTPHeaders(headers.map { ($0.name, $0.value) }), body: body)
    }

    /// The header fields in the order in which they arrived; names as the server wrote them.
    package var headers: [(name: String, value: String)] {
        fields.map { (name: $0.name, value: $0.value) }
    }

    /// When the server says that it made the reply, in Unix seconds; `nil` where it does not say, or where a cache that
    /// kept the reply (`Age`) repeats what was true before.
    package var date: Int64? {
        guard fields.first(name: "age") == nil else { return nil }
        return fields.first(name: "date").flatMap(HTTPDate.parse)
    }

    /// What the body is encoded in although nothing but plain bytes was asked for, such as "gzip"; shown, so at most short.
    package var foreignEncoding: String? {
        guard let text = fields.first(name: "content-encoding"), !text.isEmpty, text.lowercased() != "identity" else {
            return nil
        }
        return ShownText.short(text, limit: 60)
    }

    /// The first value of a header field, whatever the case of its name.
    package func header(_ name: String) -> String? {
        fields.first(name: name)
    }
}
