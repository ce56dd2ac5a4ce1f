// One simulated world: time, the service and its network, the ledger, the processes, what goes wrong, and what is seen of
// it. What each process does is in its own file; what must hold is in Promises.

import Chance
import HTTPTransport
import Ledger
import NIOCore
import OneShotPay
import Sandbox
import Simulation

final class World {
    static let baseURL = "https://1shotpay.com"
    static let scope = LedgerScope(account: SandboxOptions.defaultUserID, baseURL: baseURL)

    let plan: Plan
    let time = SimulatedTime()
    let promises: Promises
    let trace: Trace
    let ledger: SharedLedger
    private(set) var service: SandboxService!  // Safe because: set at the end of init; its clock needs `self`.
    private(set) var processes: [ShopProcess] = []
    private(set) var figures = Figures()
    private let troubles: [Trouble]
    private var linksSeen = 0
    private var requests = 0

    /// - Parameter without: troubles that are left out.
    init(_ plan: Plan, without: Set<Int> = [], tracing: Bool = false) throws {
        self.plan = plan
        trace = Trace(time, isKept: tracing)
        troubles = plan.troubles.filter { !without.contains($0.number) }
        let time = time
        let clock = ClockReading { time.elapsed.inSeconds }
        ledger = try SharedLedger(plan)
        promises = Promises(plan, ledger, trace)
        var options = SandboxOptions()
        options.tokenLifetime = .seconds(Int64(plan.tokenLifetime))
        options.acceptsPastExpiry = true
        options.defaultExpiry = .seconds(600)
        service = SandboxService(options, seed: plan.seed, baseURL: Self.baseURL) {
            SandboxInstant(milliseconds: Plan.unixStart * 1_000 + Int64(clock.seconds() * 1_000))
        }
        promises.service = service
    }

    var now: Double { time.elapsed.inSeconds }

    /// Runs to the end.
    /// - Returns: what did not hold.
    func run() -> [Violation] {
        defer { ledger.remove() }
        trace.note("faults for \(plan.length) s, follow-ups \(ShopScript.mode(plan)), SQLite: \(plan.usesSQLite)")
        for process in plan.processes {
            trace.note("\(process)")
            processes.append(ShopProcess(process, self))
        }
        for trouble in troubles { begin(trouble) }
        for process in processes { process.begin() }
        let operate = Operator(self)
        later(plan.length) { [self] in
            trace.note("everything works from now on")
            operate.settleAll()
            for process in processes { process.wake() }
        }
        let end = plan.length + Self.patience(plan)
        var restAt = plan.length + 60
        while promises.violations.isEmpty, time.step(until: SimulatedTime.beginning + TimeAmount(seconds: end)) {
            guard now >= restAt else { continue }
            if isAtRest { break }
            restAt = now + 5
        }
        if promises.violations.isEmpty { promises.judgeEnd(processes) }
        figures.steps = time.steps
        figures.seconds = now
        figures.requests = requests
        figures.links = linksSeen
        for process in processes { process.shutDown() }
        return promises.violations
    }

    /// How long after the last fault all must have come right: late payments are looked for once an hour.
    private static func patience(_ plan: Plan) -> Double { 4 * 3_600 + 2 * plan.length }

    /// Nothing is left to happen that anybody waits for.
    private var isAtRest: Bool {
        processes.allSatisfy(\.isAtRest) && promises.isEverythingFollowedUp(by: now)
    }

    // MARK: For processes

    func later(_ seconds: Double, _ body: @escaping () -> Void) {
        time.add(due: SimulatedTime.beginning + TimeAmount(seconds: max(seconds, now)), body)
    }

    func count(_ name: String) { figures.faults[name, default: 0] += 1 }

    /// The service's answer to a request that arrives now.
    func serve(_ request: ArrivedRequest, from process: ShopProcess, life: Int) -> ServedReply {
        let answer = service.answer(
            method: request.method, path: request.path, headers: request.headers, body: request.body)
        noticeLinks(from: process, life: life)
        trace.note("  the service answers \(process.name)'s \(request.method) with \(answer.status)")
        return ServedReply(status: answer.status, headers: answer.headers, body: answer.body)
    }

    private func noticeLinks(from process: ShopProcess, life: Int) {
        let links = service.links
        guard links.count > linksSeen else { return }
        for link in links[linksSeen...] {
            promises.made(
                link, by: "run \(life) of process \(process.plan.number)", limit: process.plan.maximumLinks)
            for payment in plan.payments(ofLink: linksSeen, isReusable: link.reusable) { pay(link, payment) }
            linksSeen += 1
        }
    }

    private func pay(_ link: SandboxLink, _ payment: Plan.Payment) {
        let created = Double(link.created.milliseconds - Plan.unixStart * 1_000) / 1_000
        let end = Double(link.expirationTimestamp - Plan.unixStart)
        var at = payment.isLate ? max(end, created) + payment.after : created + payment.after
        // What nobody is there to see is no promise.
        at = min(at, plan.length + 1_800)
        let amount = max(1, Int64((Double(link.amount) * payment.share).rounded()))
        later(at) { [self] in
            guard (try? service.pay(link.id, amount: amount, late: payment.isLate)) != nil else { return }
            trace.note("\(link.description) is paid with \(amount) of \(link.amount) (\(link.id))")
            promises.paid(link, amount)
        }
    }

    // MARK: What goes wrong

    /// What becomes of a request.
    func fate(of request: ArrivedRequest, from process: ShopProcess, number: Int) -> RequestFate {
        requests += 1
        var random = SplitMix(
            seed: plan.seed, target: "request of \(process.plan.number)", index: UInt64(process.life << 32 | number))
        var fate = RequestFate(
            toConnect: TimeAmount(seconds: random.spread(0.000_01, 0.02)),
            there: TimeAmount(seconds: random.spread(0.001, 0.3)),
            back: TimeAmount(seconds: random.spread(0.001, 0.3)))
        for trouble in troubles {
            guard case .weather(let weather, let from, let to, let share) = trouble.kind, from <= now, now < to
            else { continue }
            var draw = SplitMix(seed: random.next(), target: "trouble", index: UInt64(trouble.number))
            guard draw.chance(share) else { continue }
            count(weather.rawValue)
            trace.note("  \(process.name)'s \(request.method) meets: \(weather.rawValue)")
            fate.suffer(weather, &draw)
            break
        }
        return fate
    }

    func ledgerFailure(of process: Int, _ draw: inout SplitMix) -> (code: LedgerError.Code, isApplied: Bool)? {
        for trouble in troubles {
            guard case .ledger(process, let code, let applied, let from, let to, let share) = trouble.kind,
                from <= now, now < to, draw.chance(share)
            else { continue }
            count(trouble.name)
            return (code, applied)
        }
        return nil
    }

    /// How much longer a commit takes.
    func diskDelay(of process: Int) -> Double {
        for trouble in troubles {
            if case .slowDisk(process, let from, let to, let by) = trouble.kind, from <= now, now < to { return by }
        }
        return 0
    }

    private func begin(_ trouble: Trouble) {
        switch trouble.kind {
        case .kill(let process, let at, let steps):
            later(at) { [self] in processes[process].dies(after: steps) }
        case .tokens(let at):
            later(at) { [self] in
                count(trouble.name)
                service.revokeTokens()
            }
        case .clock(let process, let at, let by):
            later(at) { [self] in
                count(trouble.name)
                processes[process].setClock(by: by)
            }
        case .decision(let at):
            later(at) { [self] in
                count(trouble.name)
                Operator(self).settleSome(number: trouble.number)
            }
        case .archive(let at):
            later(at) { [self] in
                guard let link = service.links.last else { return }
                count(trouble.name)
                try? service.end(link.id, .archived)
            }
        case .takenForDead(let process, let at):
            later(at) { [self] in
                count(trouble.name)
                processes[process].run?.beTakenForDead()
            }
        case .weather, .ledger, .slowDisk: break  // asked for where they matter
        }
    }
}

/// A clock for closures that may be called from anywhere.
struct ClockReading: @unchecked Sendable {
    // Safe because: a simulation runs on one thread.
    let seconds: () -> Double
    init(_ seconds: @escaping () -> Double) { self.seconds = seconds }
}

extension RequestFate {
    mutating func suffer(_ weather: Trouble.Weather, _ draw: inout SplitMix) {
        switch weather {
        case .unreachable: ending = .unreachable
        case .lost: ending = .lost
        case .replyLost: ending = .replyLost
        case .cut: ending = .cut(at: draw.below(700))
        case .spoilt: ending = .spoilt
        case .slow:
            there = TimeAmount(seconds: draw.spread(1, 90))
            back = TimeAmount(seconds: draw.spread(1, 60))
        case .serverError: ending = .refused(status: 500, headers: [])
        case .overruled: ending = .overruled(status: 502)
        case .badRequest: ending = .refused(status: 400, headers: [])
        case .limited: ending = .refused(status: 429, headers: [("Retry-After", "\(1 + draw.below(20))")])
        case .tooEarly: ending = .refused(status: 425, headers: [])
        case .unavailable: ending = .refused(status: 503, headers: [("Retry-After", "\(1 + draw.below(20))")])
        case .unauthorized: ending = .refused(status: 401, headers: [])
        case .forbidden: ending = .refused(status: 403, headers: [])
        case .timeout408: ending = .refused(status: 408, headers: [])
        }
    }
}
