// A request of a script as a plain value: what is sent, which of it is secret, and how it is signed.

import Console
import HTTPTransport
import NIOCore

/// A request that a script asked for.
struct ScriptRequest: Sendable {
    struct Header: Sendable, Equatable {
        var name: String
        var value: String
        var isSecret = false
    }

    struct Signing: Sendable {
        var signature: WebhookSignature
        var id: String
    }

    var method: String
    var address: WebAddress
    var headers: [Header] = []
    var body: [UInt8]?
    /// Whether a secret is in the body.
    var hasSecretBody = false
    var signing: Signing?

    func hasHeader(_ name: String) -> Bool {
        headers.contains { $0.name.utf8.count == name.utf8.count && $0.name.lowercased() == name }
    }

    /// Whether sending it twice does no more than sending it once: by its method, or because it names itself.
    var isRepeatable: Bool {
        ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"].contains(method) || signing != nil || hasHeader("idempotency-key")
    }

    /// The address for messages: without its query, which may hold anything.
    var shown: String {
        let path = address.target.prefix { $0 != "?" }
        return "\(method) \(address.origin)\(ShownText.short(String(path)))"
    }

    /// The address as the script may see it.
    var url: String { address.origin + address.target }

    /// What the transport sends for an attempt at a moment.
    func attempt(at unixTime: Int64) -> HTTPRequest {
        var fields = headers.map { (name: $0.name, value: $0.value) }
        if let signing {
            fields += signing.signature.headers(id: signing.id, timestamp: unixTime, body: body ?? [])
        }
        return HTTPRequest(
            method: method, address: address, headers: fields, body: body.map { ByteBuffer(bytes: $0) })
    }
}
