// A complete reply.

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

    /// The first value of a header field, whatever the case of its name.
    package func header(_ name: String) -> String? {
        fields.first(name: name)
    }
}
