// The three calls of the machine-to-machine API, faults applied: one lock from fault to record.
// Reading the socket and sending the reply are others' work.

/// A request as the calls need it.
struct APIRequest: Sendable {
    var method: String
    var path: String
    var contentType: String?
    var authorization: String?
    var idempotencyKey: String?
    var body: [UInt8]
}

/// A reply and the fault that it suffers on its way out.
struct Exchange: Sendable {
    var reply: Reply
    var fault: Fault?
}

extension SandboxCore {
    /// Serves an API call and records it.
    func answer(_ request: APIRequest, endpoint: Fault.Endpoint, id: String) -> Exchange {
        perform { interior, now in
            let link = endpoint == .get ? try? interior.state.link(id) : nil
            let fault = interior.faults.strike(endpoint, of: link, now: now)
            switch fault?.action {
            case .revokeTokens: interior.state.revokeTokens()
            case .expireTokens: interior.state.expireTokens(now: now)
            default: break
            }
            var committed: String?
            var reply: Reply
            if fault?.takesEffect ?? true {
                do throws(Refusal) {
                    reply = try interior.serve(request, endpoint: endpoint, id: id, now: now, committed: &committed)
                } catch {
                    reply = .refusal(error)
                }
            } else {
                reply = .refusal(
                    Refusal(status: 503, code: "not_processed", message: "a fault rule stopped this request"))
            }
            if let fault { reply = fault.spoil(reply) }
            var entry = RecordEntry(time: now, kind: .request)
            (entry.method, entry.path) = (request.method, request.path)
            entry.status = fault?.resets == true ? nil : reply.status
            entry.fault = fault?.action.name
            entry.linkID = committed
            entry.idempotencyKey = request.idempotencyKey
            interior.record.append(entry)
            return Exchange(reply: reply, fault: fault)
        }
    }
}

extension SandboxCore.Interior {
    fileprivate mutating func serve(
        _ request: APIRequest,
        endpoint: Fault.Endpoint,
        id: String,
        now: SandboxInstant,
        committed: inout String?
    ) throws(Refusal) -> Reply {
        switch endpoint {
        case .token:
            let body = try request.jsonBody()
            let keys = ["client_id", "client_secret", "grant_type"]
            try body.requireObject(keys: Set(keys))
            for key in keys {
                guard let value = body[key] else { throw .missing(key) }
                guard value.stringValue != nil else { throw .wrong(key, "must be a string, not \(value.kind)") }
            }
            guard body["grant_type"]?.stringValue == "client_credentials" else {
                throw .wrong("grant_type", "must be client_credentials")
            }
            let token = try state.issueToken(
                userID: body["client_id"]?.stringValue ?? "",
                apiToken: body["client_secret"]?.stringValue ?? "",
                now: now
            )
            return .json(wire.token(token))
        case .create:
            try state.authorize(request.bearer, now: now)
            let body = try request.jsonBody()
            let terms = try LinkTerms(body, now: now, acceptsPastExpiry: state.options.acceptsPastExpiry)
            let link = state.createLink(terms, now: now)
            committed = link.id
            return .json(wire.link(link, now: now))
        case .get, .any:
            try state.authorize(request.bearer, now: now)
            guard isUUID(id) else { throw .bad("invalid_id", "the id must be a UUID") }
            return .json(wire.link(try state.link(id), now: now))
        }
    }
}

extension APIRequest {
    /// The token of an `Authorization: Bearer` header.
    fileprivate var bearer: String? {
        guard let authorization else { return nil }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }

    fileprivate func jsonBody() throws(Refusal) -> JSONValue {
        let mediaType = contentType?.split(separator: ";").first?.lowercased() ?? ""
        guard mediaType.trimmed == "application/json" else {
            throw Refusal(status: 415, code: "unsupported_media_type", message: "Content-Type must be application/json")
        }
        do {
            return try JSONReader.parse(body)
        } catch {
            throw .bad("invalid_json", "the body is not JSON: \(error.reason) at byte \(error.offset)")
        }
    }
}

extension Fault {
    /// Whether the client gets no reply at all.
    var resets: Bool { action == .resetBeforeCommit || action == .resetAfterCommit }

    /// The reply with what can be spoilt before it is sent.
    fileprivate func spoil(_ reply: Reply) -> Reply {
        var reply = reply
        switch action {
        case .status(let status, let headers, let body):
            reply = Reply(status: status, contentType: "text/plain; charset=utf-8", body: Array(body.utf8))
            reply.headers = headers.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
            if let index = reply.headers.firstIndex(where: { $0.name.lowercased() == "content-type" }) {
                reply.contentType = reply.headers.remove(at: index).value
            }
        case .redirect(let target, let status): reply = .redirect(to: target, status: status)
        case .wrongContentType: reply.contentType = "text/html; charset=utf-8"
        case .garbageBody:
            let garbage = Array(#"{"id": 12, "amount": [,"#.utf8) + [0xFF, 0xFE]
            reply = Reply(status: 200, contentType: "application/json", body: garbage)
        case .bomBody: reply.body = [0xEF, 0xBB, 0xBF] + reply.body
        case .gzipBody:
            reply.body = Gzip.bytes(reply.body)
            reply.headers.append(("Content-Encoding", "gzip"))
        case .hugeBody: reply = Reply(status: 200, contentType: "application/json", body: [])
        default: break
        }
        return reply
    }
}

extension StringProtocol {
    /// Without spaces and tabs at either end.
    var trimmed: String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let front = drop(while: isSpace)
        return String(front.reversed().drop(while: isSpace).reversed())
    }
}
