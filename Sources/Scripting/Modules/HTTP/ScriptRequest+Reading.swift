// From what a script wrote to a request: addresses, headers, bodies. What is malformed is an error as a value.

import Console
import HTTPTransport
import JSON
import LuaRuntime
import Recorder

extension HTTPModule {
    /// What `http.lua` passes on, in this order: method, url, headers, query (lists of name and value), kind of body
    /// and body, timeout, retries, max_body, redirects, any_status, user, password, bearer, the signing secret, id.
    func readRequest(
        _ arguments: inout LuaReader
    ) throws(HTTPCallFailure) -> (request: ScriptRequest, limits: HTTPCall.Limits) {
        if let problem = arguments.tooLong(Self.names, limit: Self.longestAddress) { throw invalid(problem) }
        let method = arguments.value()?.stringValue ?? "GET"
        let url = arguments.value()?.stringValue ?? ""
        var request = ScriptRequest(method: method, address: try address(url))
        let given = readPairs(&arguments)
        let query = readPairs(&arguments)
        if !query.isEmpty { request.address = try address(adding(query, to: url)) }
        for (name, value) in given {
            request.headers.append(try header(name, value))
        }
        try readBody(&arguments, into: &request)
        let limits = try readLimits(&arguments)
        try readAuthorization(&arguments, into: &request)
        try readSigning(&arguments, into: &request)
        if !request.hasHeader("user-agent") {
            request.headers.append(ScriptRequest.Header(name: "User-Agent", value: "paylink"))
        }
        if !request.hasHeader("accept") {
            request.headers.append(ScriptRequest.Header(name: "Accept", value: "*/*"))
        }
        return (request, limits)
    }

    private func invalid(_ message: String) -> HTTPCallFailure { HTTPCallFailure("invalid_request", message) }

    /// Longer than any server takes.
    private static let longestAddress = 64 << 10

    private static let names = [
        "method", "address", "headers", "query", nil, nil, "timeout", nil, nil, nil, nil, "auth.user", "auth.password",
        "auth.bearer", "sign.secret", "sign.id",
    ]

    private func address(_ url: String) throws(HTTPCallFailure) -> WebAddress {
        guard url.utf8.count <= Self.longestAddress else {
            throw invalid("address: longer than \(Self.longestAddress >> 10) KB")
        }
        let problem: String
        do throws(WebAddress.Problem) {
            let address = try WebAddress(parsing: url)
            if address.userInfo == nil { return address }
            problem = "contains a user name; give it as auth = { user = …, password = … }"
        } catch {
            problem = error.description
        }
        // What may be a password is not repeated.
        let shown = url.contains("@") ? "…" : ShownText.short(String(url.prefix { $0 != "?" }))
        throw invalid("the address \"\(shown)\" \(problem)")
    }

    private func adding(_ query: [(name: String, value: SecretText)], to url: String) -> String {
        let base = url.prefix { $0 != "#" }
        let text = String(decoding: PercentEncoding.pairs(query), as: UTF8.self)
        return base + (base.contains("?") ? (base.hasSuffix("?") || base.hasSuffix("&") ? "" : "&") : "?") + text
    }

    /// A list of lists of two: a name and a value.
    private func readPairs(_ arguments: inout LuaReader) -> [(name: String, value: SecretText)] {
        guard arguments.enter() != nil else {
            _ = arguments.value()
            return []
        }
        var pairs: [(name: String, value: SecretText)] = []
        while let kind = arguments.kind, kind != .end {
            guard arguments.enter() != nil else {
                _ = arguments.skip()
                continue
            }
            let name = arguments.value()?.stringValue ?? ""
            if let value = host.secrets.text(&arguments) { pairs.append((name, value)) }
            while arguments.skip() {}
            arguments.leave()
        }
        arguments.leave()
        return pairs
    }

    private func header(_ name: String, _ value: SecretText) throws(HTTPCallFailure) -> ScriptRequest.Header {
        guard let text = value.string else { throw invalid("the header \(ShownText.short(name)) is not UTF-8 text") }
        return ScriptRequest.Header(name: name, value: text, isSecret: value.isSecret)
    }

    private func readBody(
        _ arguments: inout LuaReader, into request: inout ScriptRequest
    ) throws(HTTPCallFailure) {
        let type: String?
        switch arguments.value()?.stringValue {
        case "json":
            type = "application/json"
            let writer = JSONWriter()
            var holdsSecret = false
            do throws(JSONEncodingProblem) {
                try JSONEncoding.write(&arguments, to: writer, limit: host.options.limits.memory) { reader in
                    holdsSecret = true
                    return self.host.secrets.value(&reader)
                }
            } catch {
                throw invalid(
                    "the option json cannot be written: \(error.message)"
                        + (error.path.isEmpty ? "" : " (at \(error.path))"))
            }
            request.hasSecretBody = holdsSecret
            request.body = Array(writer.bytes)
        case "form":
            type = "application/x-www-form-urlencoded"
            let pairs = readPairs(&arguments)
            request.hasSecretBody = pairs.contains { $0.value.isSecret }
            request.body = PercentEncoding.pairs(pairs, isForm: true)
        case "text":
            type = nil
            let text = host.secrets.text(&arguments)
            request.body = text?.bytes
            request.hasSecretBody = text?.isSecret ?? false
        default:
            type = nil
            _ = arguments.value()
        }
        if let type, !request.hasHeader("content-type") {
            request.headers.append(ScriptRequest.Header(name: "Content-Type", value: type))
        }
    }

    private func readLimits(_ arguments: inout LuaReader) throws(HTTPCallFailure) -> HTTPCall.Limits {
        var limits = HTTPCall.Limits()
        if !arguments.skipNull() {
            guard let timeout = arguments.duration(), timeout > .zero else {
                throw invalid("timeout is no duration above zero; \(DurationText.advice)")
            }
            limits.timeout = timeout
        }
        limits.retries = Int(clamping: arguments.integer() ?? 0)
        limits.maximumReplyBytes = Int(clamping: arguments.integer() ?? 1 << 20)
        limits.redirects = Int(clamping: arguments.integer() ?? 0)
        limits.takesAnyStatus = arguments.boolean() ?? false
        return limits
    }

    private func readAuthorization(
        _ arguments: inout LuaReader, into request: inout ScriptRequest
    ) throws(HTTPCallFailure) {
        let user = host.secrets.text(&arguments), password = host.secrets.text(&arguments),
            bearer = host.secrets.text(&arguments)
        if user != nil || password != nil || bearer != nil, request.hasHeader("authorization") {
            throw invalid("both auth and the header Authorization are given")
        }
        if let user, let password {
            guard !user.bytes.contains(UInt8(ascii: ":")) else { throw invalid("a user name with a colon") }
            let token = Base64.encode(user.bytes + [UInt8(ascii: ":")] + password.bytes)
            // Whoever echoes the header must not hand the password out in another form.
            if user.isSecret || password.isSecret { host.secrets.hide(token) }
            request.headers.append(
                ScriptRequest.Header(name: "Authorization", value: "Basic " + token, isSecret: true))
        } else if let bearer {
            guard let text = bearer.string else { throw invalid("auth.bearer is not UTF-8 text") }
            request.headers.append(
                ScriptRequest.Header(name: "Authorization", value: "Bearer " + text, isSecret: true))
        }
    }

    private func readSigning(
        _ arguments: inout LuaReader, into request: inout ScriptRequest
    ) throws(HTTPCallFailure) {
        guard let secret = host.secrets.text(&arguments) else { return }
        let id = arguments.value()?.stringValue ?? ""
        if let problem = WebhookSignature.problem(withID: id) {
            throw invalid("the webhook cannot be signed: \(problem)")
        }
        do throws(WebhookSignature.Problem) {
            request.signing = ScriptRequest.Signing(
                signature: try WebhookSignature(secrets: secret.bytes), id: id)
        } catch {
            throw invalid("the webhook cannot be signed: \(error.message)")
        }
    }
}
