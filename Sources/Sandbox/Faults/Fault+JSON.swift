// Fault rules as JSON, for POST and GET /sandbox/faults.
// As strict as the API itself: an unknown key is refused, since a fault that silently does nothing proves nothing.

extension Fault {
    private static let commonKeys: Set<String> = [
        "endpoint", "action", "skip", "times", "probability", "commits", "delay", "for", "younger_than", "link",
    ]

    /// Reads a rule such as `{"endpoint": "create", "action": "status", "status": 503, "times": 2}`.
    /// - Throws: ``Refusal`` (400) naming the key at fault.
    init(json: JSONValue) throws(Refusal) {
        guard case .object = json else { throw .bad("invalid_body", "a fault must be a JSON object, not \(json.kind)") }
        guard let name = json["action"] else { throw .missing("action") }
        let (action, keys) = try Self.action(named: name.stringValue ?? "", json)
        try json.requireObject(keys: Self.commonKeys.union(keys))
        let endpointName = json["endpoint"].map { $0.stringValue ?? "" } ?? "any"
        guard let endpoint = Endpoint(rawValue: endpointName) else {
            throw .wrong("endpoint", "must be token, create, get or any")
        }
        let probability = try json["probability"].map { value throws(Refusal) in
            guard let chance = value.approximateValue, (0...1).contains(chance) else {
                throw .wrong("probability", "must be a number from 0 to 1")
            }
            return chance
        }
        let commits = try json.flag("commits")
        let (youngerThan, linkID) = (try json.seconds("younger_than"), try json.string("link"))
        if let linkID, !isUUID(linkID) { throw .wrong("link", "must be a UUID") }
        if youngerThan != nil || linkID != nil, endpoint == .token || endpoint == .create {
            throw .wrong("endpoint", "must be get or any with younger_than or link, which only a get has")
        }
        self.init(
            on: endpoint,
            action,
            skip: try json.count("skip", within: 0...1_000_000_000) ?? 0,
            times: try json.count("times", within: 1...1_000_000_000),
            probability: probability ?? 1,
            commits: commits,
            delay: try json.seconds("delay") ?? .zero,
            span: try json.seconds("for"),
            youngerThan: youngerThan,
            linkID: linkID
        )
    }

    /// Reads a rule from the text of a JSON object, as a command line has it.
    /// - Throws: ``SandboxError`` (`refused`) saying what is wrong with it.
    package init(parsing text: String) throws(SandboxError) {
        let json: JSONValue
        do { json = try JSONReader.parse(Array(text.utf8)) } catch {
            throw SandboxError(.refused, "is not JSON: \(error.reason) at byte \(error.offset)")
        }
        do { try self.init(json: json) } catch { throw SandboxError(.refused, error.message) }
    }

    private static func action(named name: String, _ json: JSONValue) throws(Refusal) -> (Action, Set<String>) {
        switch name {
        case "status":
            guard let status = try json.count("status", within: 200...599) else { throw .missing("status") }
            let body = try json.string("body") ?? ""
            return (.status(status, headers: try headers(json["headers"]), body: body), ["status", "headers", "body"])
        case "latency":
            guard let wait = try json.seconds("seconds") else { throw .missing("seconds") }
            return (.latency(wait), ["seconds"])
        case "reset_before_commit": return (.resetBeforeCommit, [])
        case "reset_after_commit": return (.resetAfterCommit, [])
        case "truncate":
            guard let at = try json.count("at", within: 0...1_000_000_000) else { throw .missing("at") }
            let extent = try json.string("of") ?? "body"
            guard let extent = Extent(rawValue: extent) else { throw .wrong("of", "must be body or response") }
            return (.truncate(at: at, of: extent), ["at", "of"])
        case "slow_body":
            let key = "bytes_per_second"
            guard let rate = try json.count(key, within: 1...1_000_000_000) else { throw .missing(key) }
            return (.slowBody(bytesPerSecond: rate), [key])
        case "redirect":
            guard let target = try json.string("to") else { throw .missing("to") }
            let status = try json.count("status", within: 300...308) ?? 307
            return (.redirect(to: target, status: status), ["to", "status"])
        case "wrong_content_type": return (.wrongContentType, [])
        case "huge_body":
            guard let bytes = try json.count("bytes", within: 0...10_000_000_000) else { throw .missing("bytes") }
            return (.hugeBody(bytes: bytes), ["bytes"])
        case "garbage_body": return (.garbageBody, [])
        case "bom_body": return (.bomBody, [])
        case "gzip_body": return (.gzipBody, [])
        case "revoke_tokens": return (.revokeTokens, [])
        case "expire_tokens": return (.expireTokens, [])
        default:
            throw .wrong(
                "action",
                "must be status, latency, reset_before_commit, reset_after_commit, truncate, slow_body, redirect, "
                    + "wrong_content_type, huge_body, garbage_body, bom_body, gzip_body, revoke_tokens or expire_tokens"
            )
        }
    }

    private static func headers(_ json: JSONValue?) throws(Refusal) -> [String: String] {
        guard let json else { return [:] }
        guard case .object(let members) = json else { throw .wrong("headers", "must be an object of strings") }
        var headers: [String: String] = [:]
        for member in members {
            guard let text = member.value.stringValue else { throw .wrong("headers", "must be an object of strings") }
            headers[member.key] = text
        }
        return headers
    }

    /// The rule as control calls show it; only what differs from the default.
    var json: JSONValue {
        var members = [
            JSONMember("endpoint", .string(endpoint.rawValue)), JSONMember("action", .string(action.name)),
        ]
        switch action {
        case .status(let status, let headers, let body):
            members.append(JSONMember("status", .integer(status)))
            let sorted = headers.sorted { $0.key < $1.key }.map { JSONMember($0.key, .string($0.value)) }
            if !sorted.isEmpty { members.append(JSONMember("headers", .object(sorted))) }
            if !body.isEmpty { members.append(JSONMember("body", .string(body))) }
        case .latency(let wait): members.append(JSONMember("seconds", .seconds(wait)))
        case .truncate(let at, let extent):
            members.append(JSONMember("at", .integer(at)))
            members.append(JSONMember("of", .string(extent.rawValue)))
        case .slowBody(let rate): members.append(JSONMember("bytes_per_second", .integer(rate)))
        case .redirect(let target, let status):
            members.append(JSONMember("to", .string(target)))
            members.append(JSONMember("status", .integer(status)))
        case .hugeBody(let bytes): members.append(JSONMember("bytes", .integer(bytes)))
        case .resetBeforeCommit, .resetAfterCommit, .wrongContentType, .garbageBody, .bomBody, .gzipBody,
            .revokeTokens, .expireTokens:
            break
        }
        if skip > 0 { members.append(JSONMember("skip", .integer(skip))) }
        if let times { members.append(JSONMember("times", .integer(times))) }
        if probability < 1 { members.append(JSONMember("probability", .number(String(probability)))) }
        if let commits { members.append(JSONMember("commits", .bool(commits))) }
        if delay > .zero { members.append(JSONMember("delay", .seconds(delay))) }
        if let span { members.append(JSONMember("for", .seconds(span))) }
        if let youngerThan { members.append(JSONMember("younger_than", .seconds(youngerThan))) }
        if let linkID { members.append(JSONMember("link", .string(linkID))) }
        return .object(members)
    }
}

extension JSONValue {
    /// A duration as a number of seconds, to the millisecond.
    static func seconds(_ duration: Duration) -> JSONValue {
        let (whole, rest) = duration.wholeMilliseconds.quotientAndRemainder(dividingBy: 1000)
        return .number(rest == 0 ? String(whole) : String(Double(duration.wholeMilliseconds) / 1000))
    }

    /// The member as a whole number within bounds; nil when absent.
    func count(_ key: String, within bounds: ClosedRange<Int>) throws(Refusal) -> Int? {
        guard let value = self[key] else { return nil }
        guard let number = value.integerValue, let count = Int(exactly: number), bounds.contains(count) else {
            throw .wrong(key, "must be a whole number from \(bounds.lowerBound) to \(bounds.upperBound)")
        }
        return count
    }

    /// The member as a duration in seconds, not negative; nil when absent.
    func seconds(_ key: String) throws(Refusal) -> Duration? {
        guard let value = self[key] else { return nil }
        guard let number = value.approximateValue, number >= 0, let wait = Duration(fractionalSeconds: number) else {
            throw .wrong(key, "must be a number of seconds, 0 or more")
        }
        return wait
    }

    /// The member as a duration in seconds, of either sign; nil when absent.
    func signedSeconds(_ key: String) throws(Refusal) -> Duration? {
        guard let value = self[key] else { return nil }
        guard let number = value.approximateValue, let step = Duration(fractionalSeconds: number) else {
            throw .wrong(key, "must be a number of seconds")
        }
        return step
    }

    /// The member as a boolean; nil when absent.
    func flag(_ key: String) throws(Refusal) -> Bool? {
        guard let value = self[key] else { return nil }
        guard let flag = value.boolValue else { throw .wrong(key, "must be a boolean") }
        return flag
    }

    /// The member as a string; nil when absent.
    func string(_ key: String) throws(Refusal) -> String? {
        guard let value = self[key] else { return nil }
        guard let text = value.stringValue else { throw .wrong(key, "must be a string") }
        return text
    }
}
