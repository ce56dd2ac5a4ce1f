// What must hold whatever goes wrong: the promises of the product, checked as things happen.
// What must hold at the end is in Promises+End.swift.

import Ledger
import OneShotPay
import Recorder
import Sandbox
import Simulation

/// A promise that was broken.
struct Violation {
    /// Tells one kind of violation from another: the message without what differs from seed to seed.
    let kind: String
    let message: String
}

final class Promises {
    let plan: Plan
    let ledger: SharedLedger
    let trace: Trace
    weak var service: SandboxService?
    private(set) var violations: [Violation] = []
    /// Links that the service has made, by order.
    private(set) var made: [Int: [SandboxLink]] = [:]
    /// Links that somebody was given, by order.
    private(set) var published: [Int: Set<PayLinkID>] = [:]
    /// How often a person has let a key loose again.
    private var retries: [Int: Int] = [:]
    private(set) var abandoned: Set<Int> = []
    /// Payments by link, in the order in which they were made.
    private(set) var payments: [PayLinkID: [Int64]] = [:]
    /// How often an effect has happened, and with which tokens.
    private(set) var effects: [String: (count: Int, tokens: Set<String>)] = [:]
    /// How often a person has let an effect loose whose run may not have been dead.
    private var looseEffects: [String: Int] = [:]
    /// Orders whose links the run that is named has made.
    private var madeByRun: [String: Set<Int>] = [:]

    init(_ plan: Plan, _ ledger: SharedLedger, _ trace: Trace) {
        self.plan = plan
        self.ledger = ledger
        self.trace = trace
    }

    func violated(_ message: String, kind: String? = nil) {
        trace.note("VIOLATED: \(message)")
        violations.append(Violation(kind: kind ?? message, message: message))
    }

    // MARK: Making

    func order(_ description: String) -> Plan.Order? {
        description.split(separator: " ").last.flatMap { Int($0) }.map { plan.orders[$0 - 1] }
    }

    /// A request to create a link is about to leave.
    func leaves(_ request: ArrivedRequest, _ sender: String) {
        let body = String(decoding: request.body, as: UTF8.self)
        guard let order = plan.orders.last(where: { body.contains("\"\($0.description)\"") }) else {
            return violated("\(sender) sends a create that nobody ordered", kind: "unknown order")
        }
        do throws(LedgerError) {
            let isRecorded: Bool
            if let key = order.key {
                isRecorded = try ledger.reader.links(keys: [key])[0]?.state == .sent
            } else {
                isRecorded = try records(of: order).contains { $0.state == .sent }
            }
            if !isRecorded {
                violated("\(sender) lets a request for \(order.description) leave unrecorded", kind: "left unrecorded")
            }
        } catch {
            violated("the ledger cannot be read: \(error)", kind: "unreadable ledger")
        }
    }

    /// The service has made a link.
    /// - Parameters:
    ///   - run: the run of a process whose request made it.
    ///   - limit: how many links that run may make.
    func made(_ link: SandboxLink, by run: String, limit: Int?) {
        guard let order = order(link.description) else { return }
        made[order.number, default: []].append(link)
        let count = made[order.number]?.count ?? 0
        if order.payer != nil, order.key != nil, count > 1 + retries[order.number, default: 0] {
            violated("\(order.description) was made \(count) times for a named payer", kind: "payer sees two links")
        }
        madeByRun[run, default: []].insert(order.number)
        if let limit, let count = madeByRun[run]?.count, count > limit {
            violated("\(run) made links for \(count) orders, and may make \(limit)", kind: "cap exceeded")
        }
    }

    /// Somebody was given a link.
    func published(_ order: Plan.Order, _ id: PayLinkID, by name: String) {
        let record = (try? ledger.reader.record(of: id)) ?? nil
        if record?.state != .done || record?.link?.id != id {
            violated(
                "\(name) was given \(id) for \(order.description) before it was recorded", kind: "given unrecorded")
        }
        guard order.key != nil else { return }
        published[order.number, default: []].insert(id)
        if let count = published[order.number]?.count, count > 1 {
            violated("\(order.description) was published \(count) times", kind: "published twice")
        }
    }

    /// Whether whoever asked for a link need not ask again.
    func isFinal(_ code: String, for order: Plan.Order, by name: String) -> Bool {
        if code == "key_reused" || code == "ledger_corrupt" {
            violated("\(name) was told \(code) for \(order.description)", kind: code)
        }
        if order.key == nil { return true }
        switch code {
        case "invalid_request":
            if case .at? = order.expiry { return true }
        case "abandoned", "expired_on_arrival", "key_reused": return true
        default: break
        }
        return false
    }

    func records(of order: Plan.Order) throws(LedgerError) -> [LinkRecord] {
        var query = LinkQuery()
        query.scope = World.scope
        return try ledger.reader.links(query).filter { $0.description == order.description && $0.key == order.key }
    }

    // MARK: A person's decisions

    /// A link that the service has for what is in doubt: the newest.
    func unknownLink(of record: LinkRecord) -> PayLink? {
        guard let order = order(record.description), let link = made[order.number]?.last else { return nil }
        guard let json = service?.wireForm(of: link.id) else { return nil }
        return try? json.withUnsafeBytes { try PayLink(json: $0, page: CheckoutPage(baseURL: World.baseURL)) }
    }

    func decided(_ key: String, _ verdict: LinkVerdict) {
        guard let order = plan.orders.first(where: { $0.key == key }) else { return }
        switch verdict {
        case .retry: retries[order.number, default: 0] += 1
        case .abandon: abandoned.insert(order.number)
        case .link: break
        }
    }

    func hasHappened(_ effect: String) -> Bool { effects[effect] != nil }

    /// A person lets an effect run again. On a server its run may be out of touch and still at it: nobody else can tell.
    func letLoose(_ effect: String) { if plan.usesServer { looseEffects[effect, default: 0] += 1 } }

    // MARK: Paying

    func paid(_ link: SandboxLink, _ amount: Int64) {
        guard let id = PayLinkID(link.id) else { return }
        payments[id, default: []].append(amount)
    }

    private func isPaidInFull(_ id: PayLinkID) -> Bool {
        guard let link = made.values.joined().first(where: { PayLinkID($0.id) == id }) else { return false }
        return payments[id]?.contains { $0 >= link.amount } ?? false
    }

    func saidToBePaid(_ id: PayLinkID, by name: String) {
        if !isPaidInFull(id) { violated("\(name) takes \(id) for paid, and it is not", kind: "not paid") }
    }

    func follows(_ event: String, _ id: PayLinkID, by name: String) {
        let isTrue =
            switch event {
            case "paid": isPaidInFull(id)
            case "underpaid": payments[id] != nil
            default: true
            }
        if !isTrue { violated("\(name) follows up \(event) of \(id), and it is not so", kind: "false \(event)") }
    }

    // MARK: Doing once

    func did(_ effect: String, token: String, mode: String, by name: String) {
        var sofar = effects[effect] ?? (0, [])
        sofar.count += 1
        sofar.tokens.insert(token)
        effects[effect] = sofar
        if mode == "at_most", sofar.count > 1 + looseEffects[effect, default: 0] {
            violated("\(effect) happened \(sofar.count) times, last by \(name)", kind: "happened twice")
        }
        if sofar.tokens.count > 1 {
            violated("\(effect) was given two tokens, the second to \(name)", kind: "two tokens")
        }
    }

    // MARK: Budget

    /// A process looks at a link. Looks of waits are bounded by docs/waiting.md; one may have waited for its token.
    /// - Parameter others: how many looks it may have made that belong to no wait: a create looks at what it adopts.
    func looked(_ looks: [Double], rate: Double, others: Int, _ name: String) {
        guard let now = looks.last else { return }
        for window in [10.0, 60.0] {
            var count = 0
            while count < looks.count, now - looks[looks.count - 1 - count] < window { count += 1 }
            let most = 0.8 * rate * window + max(1, 0.8 * rate) + 1 + Double(others)
            if Double(count) > most {
                violated("\(name) looked \(count) times within \(window) s", kind: "budget exceeded")
            }
        }
    }
}
