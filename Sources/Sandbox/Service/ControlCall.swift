// The control calls under /sandbox/: which there are, and what each does.
// They act on the service from outside, as a tester would; the API never sees them.

/// A control call, as its path names it.
enum ControlCall: Sendable, Equatable {
    case health, links, record, listFaults, addFault, clearFaults
    case removeFault(String)
    case pay(String), show(String), archive(String), ignore(String), expire(String), payerDefined(String)
    case advance, revokeTokens, expireTokens

    static func route(method: String, segments: [String]) -> Route {
        let name = segments.first ?? ""
        let id = segments.count == 2 ? segments[1] : nil
        let calls: [(method: String, call: ControlCall)] =
            switch (name, id) {
            case ("health", nil): [("GET", .health)]
            case ("links", nil): [("GET", .links)]
            case ("record", nil): [("GET", .record)]
            case ("faults", nil): [("GET", .listFaults), ("POST", .addFault), ("DELETE", .clearFaults)]
            case ("faults", let id?): [("DELETE", .removeFault(id))]
            case ("pay", let id?): [("POST", .pay(id))]
            case ("show", let id?): [("POST", .show(id))]
            case ("payer-defined", let id?): [("POST", .payerDefined(id))]
            case ("archive", let id?): [("POST", .archive(id))]
            case ("ignore", let id?): [("POST", .ignore(id))]
            case ("expire", let id?): [("POST", .expire(id))]
            case ("advance", nil): [("POST", .advance)]
            case ("revoke-tokens", nil): [("POST", .revokeTokens)]
            case ("expire-tokens", nil): [("POST", .expireTokens)]
            default: []
            }
        guard !calls.isEmpty, segments.count <= 2 else { return .notFound }
        guard let match = calls.first(where: { $0.method == method }) else {
            return .methodNotAllowed(allow: calls.map(\.method).joined(separator: ", "))
        }
        return .control(match.call)
    }

    /// Whether the call only looks; such calls are not in the record.
    var onlyReads: Bool {
        switch self {
        case .health, .links, .record, .listFaults: true
        default: false
        }
    }
}

extension SandboxCore {
    /// Does a control call.
    /// - Throws: ``Refusal``.
    func control(_ call: ControlCall, body: [UInt8], query: Query) throws(Refusal) -> JSONValue {
        let body = try Self.object(body)
        switch call {
        case .health: return health()
        case .links:
            let limit = try query.count("last") ?? 1_000
            return perform { interior, now in
                let links = interior.state.allLinks(last: limit).map { interior.wire.link($0, now: now) }
                return .object([
                    JSONMember("count", .integer(interior.state.linkCount)), JSONMember("links", .array(links)),
                ])
            }
        case .record:
            let (since, limit) = (try query.count("since") ?? 0, try query.count("limit") ?? 1_000)
            let entries = perform { interior, _ in Array(interior.record.entries(since: since, limit: limit)) }
            return .object([JSONMember("entries", .array(entries.map(\.json)))])
        case .listFaults:
            return .object([JSONMember("faults", .array(perform { interior, _ in interior.faults.rules }.map(\.json)))])
        case .addFault:
            let fault = try Fault(json: body)
            return .object([JSONMember("id", .integer(perform { interior, _ in interior.faults.add(fault) }))])
        case .clearFaults:
            perform { interior, _ in interior.faults.clear() }
            return .object([])
        case .removeFault(let id):
            guard let number = Int(id), perform({ interior, _ in interior.faults.remove(number) }) else {
                throw Refusal(status: 404, code: "not_found", message: "no fault rule has this id")
            }
            return .object([])
        case .pay(let id):
            try body.requireObject(keys: ["amount", "late", "count", "shown"])
            let amount = try body["amount"].map { value throws(Refusal) in try Self.amount(value) }
            let (late, shown) = (try body.flag("late") ?? false, try body.flag("shown") ?? true)
            let count = try body.count("count", within: 1...SandboxState.paymentLimit) ?? 1
            return try change { interior, now throws(Refusal) in
                try interior.state.pay(id, amount: amount, late: late, count: count, shown: shown, now: now)
            }
        case .show(let id):
            return try change { interior, now throws(Refusal) in try interior.state.show(id, now: now) }
        case .payerDefined(let id):
            return try change { interior, now throws(Refusal) in
                try interior.state.letPayerDefineAmount(id, now: now)
            }
        case .archive(let id):
            return try change { interior, now throws(Refusal) in try interior.state.archive(id, now: now) }
        case .ignore(let id):
            return try change { interior, now throws(Refusal) in try interior.state.ignore(id, now: now) }
        case .expire(let id):
            return try change { interior, now throws(Refusal) in try interior.state.expire(id, now: now) }
        case .advance:
            try body.requireObject(keys: ["seconds"])
            guard let step = try body.signedSeconds("seconds") else { throw .missing("seconds") }
            advance(by: step)
            return health()
        case .revokeTokens:
            perform { interior, _ in interior.state.revokeTokens() }
            return .object([])
        case .expireTokens:
            perform { interior, now in interior.state.expireTokens(now: now) }
            return .object([])
        }
    }

    /// Moves the clock on or back; what falls due by it happens at once.
    func advance(by step: Duration) {
        perform { interior, _ in interior.clock.advance(by: step) }
        perform { _, _ in }
    }

    private func health() -> JSONValue {
        perform { interior, now in
            .object([
                JSONMember("status", .string(interior.fileProblem == nil ? "ok" : "cannot_write_files")),
                JSONMember("problem", .text(interior.fileProblem)),
                JSONMember("time_ms", .integer(now.milliseconds)),
                JSONMember("clock_offset_seconds", .seconds(options.clockOffset + interior.clock.offset)),
                JSONMember("links", .integer(interior.state.linkCount)),
                JSONMember("faults", .integer(interior.faults.rules.count)),
            ])
        }
    }

    private func change(
        _ work: (inout Interior, SandboxInstant) throws(Refusal) -> SandboxLink
    ) throws(Refusal) -> JSONValue {
        try perform { interior, now throws(Refusal) in
            let link = try work(&interior, now)
            return interior.wire.link(link, now: now)
        }
    }

    /// An empty body counts as an empty object.
    private static func object(_ body: [UInt8]) throws(Refusal) -> JSONValue {
        guard !body.isEmpty else { return .object([]) }
        do {
            return try JSONReader.parse(body)
        } catch {
            throw .bad("invalid_json", "the body is not JSON: \(error.reason) at byte \(error.offset)")
        }
    }

    private static func amount(_ value: JSONValue) throws(Refusal) -> Int64 {
        let literal =
            switch value {
            case .number(let literal), .string(let literal): literal
            default: ""
            }
        guard let amount = try? MicroUSD.parse(literal) else {
            throw .wrong("amount", "must be decimal USD above 0 with at most 6 decimals")
        }
        return amount
    }
}

extension FaultBook.Rule {
    fileprivate var json: JSONValue {
        guard case .object(let members) = fault.json else { return fault.json }
        let counters = [JSONMember("seen", .integer(seen)), JSONMember("struck", .integer(struck))]
        return .object([JSONMember("id", .integer(id))] + members + counters)
    }
}
