// The fault rules in force, and which of them strikes a request.
// A value: counters and the seeded generator inside, no I/O.

/// The rules in the order they were added; the first that strikes decides.
struct FaultBook: Sendable {
    /// A rule with its identity and counters.
    struct Rule: Sendable {
        let id: Int
        let fault: Fault
        /// Requests to the rule's endpoint so far.
        fileprivate(set) var seen = 0
        /// Requests struck so far.
        fileprivate(set) var struck = 0
        /// When it struck first.
        fileprivate var struckFirst: SandboxInstant?

        /// Whether the rule is about such a request at all. A limit to some links is never about one without a link.
        fileprivate func concerns(_ endpoint: Fault.Endpoint, of link: SandboxLink?, now: SandboxInstant) -> Bool {
            guard fault.endpoint == .any || fault.endpoint == endpoint else { return false }
            if let wanted = fault.linkID, link?.id != wanted.lowercased() { return false }
            if let limit = fault.youngerThan {
                guard let link, now < link.created + limit else { return false }
            }
            return true
        }
    }

    private(set) var rules: [Rule] = []
    private var random: SandboxRandom
    private var nextID = 1

    init(seed: UInt64) { random = SandboxRandom(seed: seed) }

    mutating func add(_ fault: Fault) -> Int {
        defer { nextID += 1 }
        rules.append(Rule(id: nextID, fault: fault))
        return nextID
    }

    /// Whether any rule is not used up.
    var mayStrike: Bool { rules.contains { rule in rule.fault.times.map { rule.struck < $0 } ?? true } }

    mutating func clear() { rules.removeAll() }

    /// Removes one rule; false when there is none of that id.
    mutating func remove(_ id: Int) -> Bool {
        guard let index = rules.firstIndex(where: { $0.id == id }) else { return false }
        rules.remove(at: index)
        return true
    }

    /// The fault that strikes this request, if any; `link` is the one asked for. Rules after the one that strikes do
    /// not count the request.
    mutating func strike(_ endpoint: Fault.Endpoint, of link: SandboxLink? = nil, now: SandboxInstant) -> Fault? {
        for index in rules.indices {
            let fault = rules[index].fault
            guard rules[index].concerns(endpoint, of: link, now: now) else { continue }
            rules[index].seen += 1
            guard rules[index].seen > fault.skip else { continue }
            if let times = fault.times, rules[index].struck >= times { continue }
            if let span = fault.span, let first = rules[index].struckFirst, now >= first + span { continue }
            if fault.probability < 1, Double.random(in: 0..<1, using: &random) >= fault.probability { continue }
            rules[index].struck += 1
            rules[index].struckFirst = rules[index].struckFirst ?? now
            return fault
        }
        return nil
    }
}
