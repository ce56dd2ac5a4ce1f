// The bytes of the service's three requests. All but the body and the id is written once for each access token.

import HTTPTransport
import JSON
import NIOCore

/// Writes requests for one service address.
struct ServiceRequests {
    private let allocator = ByteBufferAllocator()
    private let basePath: String
    private let commonHeaders: String
    private var generation = -1
    // Everything before the Content-Length of a create, and everything after the id of a get.
    private var createHead: [UInt8] = []
    private var getHead: [UInt8] = []
    private var getTail: [UInt8] = []

    init(address: WebAddress, userAgent: String) {
        var path = address.target
        while path.hasSuffix("/") { path.removeLast() }
        basePath = path
        commonHeaders =
            "Host: \(address.authority)\r\nUser-Agent: \(userAgent)\r\nAccept: application/json\r\n"
            + "Accept-Encoding: identity\r\n"
    }

    func token(body: UnsafeRawBufferPointer) -> ByteBuffer {
        var wire = allocator.buffer(capacity: 512 + body.count)
        wire.writeString("POST \(basePath)/api/m2m/v0/token HTTP/1.1\r\n\(commonHeaders)")
        finish(&wire, body: body)
        return wire
    }

    mutating func create(body: UnsafeRawBufferPointer, idempotencyKey: String?, token: AccessToken) -> ByteBuffer {
        prepare(token)
        var wire = allocator.buffer(capacity: createHead.count + body.count + (idempotencyKey?.utf8.count ?? 0) + 96)
        wire.writeBytes(createHead)
        if let idempotencyKey { HTTPRequest.write(header: "Idempotency-Key", idempotencyKey, to: &wire) }
        finish(&wire, body: body)
        return wire
    }

    mutating func get(_ id: PayLinkID, token: AccessToken) -> ByteBuffer {
        prepare(token)
        var wire = allocator.buffer(capacity: getHead.count + 36 + getTail.count)
        wire.writeBytes(getHead)
        wire.writeWithUnsafeMutableBytes(minimumWritableBytes: 36) { room in
            id.writeText(to: room)
            return 36
        }
        wire.writeBytes(getTail)
        return wire
    }

    private func finish(_ wire: inout ByteBuffer, body: UnsafeRawBufferPointer) {
        wire.writeStaticString("Content-Type: application/json\r\nContent-Length: ")
        wire.writeString(String(body.count))
        wire.writeStaticString("\r\n\r\n")
        wire.writeBytes(body)
    }

    private mutating func prepare(_ token: AccessToken) {
        guard token.generation != generation else { return }
        generation = token.generation
        let headers = "\(commonHeaders)Authorization: Bearer \(token.value)\r\n"
        createHead = Array("POST \(basePath)/api/m2m/v0/links HTTP/1.1\r\n\(headers)".utf8)
        getHead = Array("GET \(basePath)/api/m2m/v0/links/".utf8)
        getTail = Array(" HTTP/1.1\r\n\(headers)\r\n".utf8)
    }
}

extension CreatePayLink {
    /// Writes the JSON body: the terms that were given, by the service's names.
    func write(to json: JSONWriter) {
        json.beginObject()
        for term in Self.terms {
            guard let name = term.wireName, let value = term.read(self) else { continue }
            json.key(name)
            value.writeToService(json, term.kind)
        }
        json.endObject()
    }
}

extension LinkTermValue {
    /// Writes it as the service takes it.
    fileprivate func writeToService(_ json: JSONWriter, _ kind: LinkTermKind) {
        switch self {
        case .amount(let money): json.money(money)
        case .text(let text): json.string(kind == .address ? WebAddress.withASCIIHost(text) : text)
        case .flag(let isSet): json.bool(isSet)
        case .moment(let seconds): json.int(seconds)
        case .user(let user): json.string(user.description)
        case .locale(let locale): json.string(locale.rawValue)
        case .duration: json.null()  // the service knows moments only
        }
    }
}
