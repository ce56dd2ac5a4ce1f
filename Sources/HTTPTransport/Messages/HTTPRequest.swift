// A request as a caller states it, and the bytes it becomes. Nothing that could break out of its place is let through.

package import NIOCore

/// A request to any `http` or `https` address.
package struct HTTPRequest {
    package var method: String
    package var address: WebAddress
    /// `Host`, `Content-Length`, `Transfer-Encoding` and `Connection` are the transport's own and are refused.
    package var headers: [(name: String, value: String)]
    package var body: ByteBuffer?

    package init(
        method: String = "GET", address: WebAddress, headers: [(name: String, value: String)] = [],
        body: ByteBuffer? = nil
    ) {
        self.method = method
        self.address = address
        self.headers = headers
        self.body = body
    }

    private static let reserved: Set<String> = ["host", "content-length", "transfer-encoding", "connection"]

    /// The request as it goes over the wire.
    /// - Parameters:
    ///   - proxy: the proxy that forwards it in the clear, if one does: it wants the whole address.
    /// - Throws: ``HTTPFailure`` with code `invalid_request`.
    func wireBytes(allocator: ByteBufferAllocator, proxy: ProxySettings.Proxy?) throws(HTTPFailure) -> ByteBuffer {
        guard !method.isEmpty, method.utf8.allSatisfy(Self.isTokenByte) else {
            throw Self.refused("the method is not a word")
        }
        var wire = allocator.buffer(capacity: 512 + (body?.readableBytes ?? 0))
        wire.writeString(method)
        wire.writeStaticString(" ")
        if proxy != nil { wire.writeString(address.origin) }
        Self.write(target: address.target, to: &wire)
        wire.writeStaticString(" HTTP/1.1\r\nHost: ")
        wire.writeString(address.authority)
        wire.writeStaticString("\r\n")
        if let authorization = proxy?.authorization {
            Self.write(header: "Proxy-Authorization", authorization, to: &wire)
        }
        for (name, value) in headers {
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isTokenByte) else {
                throw Self.refused("a header name is empty or has characters that header names have not")
            }
            guard !Self.reserved.contains(name.lowercased()) else {
                throw Self.refused("the header \(name) is set by the client itself; leave it out")
            }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw Self.refused("the value of the header \(name) contains a control character")
            }
            Self.write(header: name, value, to: &wire)
        }
        if let body {
            Self.write(header: "Content-Length", String(body.readableBytes), to: &wire)
        } else if method == "POST" || method == "PUT" || method == "PATCH" {
            wire.writeStaticString("Content-Length: 0\r\n")
        }
        wire.writeStaticString("\r\n")
        if let body { wire.writeImmutableBuffer(body) }
        return wire
    }

    /// Writes one header line.
    package static func write(header name: String, _ value: String, to wire: inout ByteBuffer) {
        wire.writeString(name)
        wire.writeStaticString(": ")
        wire.writeString(value)
        wire.writeStaticString("\r\n")
    }

    /// Percent-encodes what is not ASCII; WebAddress has refused spaces and controls already.
    private static func write(target: String, to wire: inout ByteBuffer) {
        guard target.utf8.contains(where: { $0 >= 0x80 }) else {
            wire.writeString(target)
            return
        }
        for byte in target.utf8 {
            if byte < 0x80 {
                wire.writeInteger(byte)
            } else {
                wire.writeString("%" + String(byte, radix: 16, uppercase: true))
            }
        }
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    private static func refused(_ message: String) -> HTTPFailure {
        HTTPFailure(.invalidRequest, message, bytesSent: false)
    }
}
