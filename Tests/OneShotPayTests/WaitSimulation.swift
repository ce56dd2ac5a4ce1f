// A world in simulated time around the real WaitSchedule: links that get paid, a service that answers or refuses, clocks
// that jump. No real clock, no network. What is asserted of it is in the WaitSimulation…Tests.

import Chance
import Foundation
import NIOCore

@testable import OneShotPay

/// Links that are waited for, and what became of them. Times are seconds since the simulation began.
struct WaitSimulation {
    struct Link {
        /// When the wait began.
        var begunAt: Double
        /// For a link that is never paid, infinity.
        var paidAt = Double.infinity
        /// How old it was when the wait began.
        var age = 0.0
        /// Unix seconds.
        var expiresAt: Int64?
        /// Since the wait began.
        var timeout: Double?

        var looks: [Double] = []
        var longestUnseen = 0.0
        var noticedAt: Double?
        var endedAt: Double?
        var failure: OneShotPayError.Code?

        /// From the payment to the reply that shows it.
        var delay: Double? { noticedAt.map { $0 - paidAt } }
    }

    enum Event {
        case arrive(Int)
        /// The wall clock is set; the clock that timers run by goes on.
        case setWallClock(by: Int64)
        /// The process is stopped while both clocks go on.
        case stall(Double)
    }

    /// The service answers 429 to what it gets from `start` to `end`.
    struct Refusal {
        let start: Double
        let end: Double
        let retryAfter: Duration?
    }

    /// Unix seconds at which a simulation begins.
    static let unixStart: Int64 = 1_800_000_000
    /// From a request to its reply.
    static let requestTime = 0.05

    var links: [Link]
    var refusals: [Refusal] = []
    /// How much later than its expiry the service calls a link expired.
    var expiryLag = 0.0
    private(set) var now = 0.0
    private(set) var sent: [Double] = []
    /// When a reply was 429, and the budget's rate after it.
    private(set) var refused: [(at: Double, rate: Double)] = []
    private(set) var schedule: WaitSchedule<Int>
    private var random: SplitMix
    private var wallShift: Int64 = 0
    private var events = DueQueue<Event>()
    private var replies = DueQueue<(ticket: LookTicket, link: Int, observation: WaitStateMachine.Observation)>()
    private let answer: PayLink
    private let payment: Payment?

    /// - Parameter rate: the configured requests a second, of which the polls get four fifths.
    init(links: [Link], rate: Double, seed: UInt64) throws {
        self.links = links
        schedule = WaitSchedule(requestsPerSecond: rate, now: Self.deadline(0))
        random = SplitMix(seed: seed)
        answer = try Sample.link(Sample.json())
        payment = try Sample.link(Sample.paid()).payment
        for (number, link) in links.enumerated() { add(.arrive(number), at: link.begunAt) }
    }

    mutating func add(_ event: Event, at time: Double) {
        events.add(event, due: Self.deadline(time))
    }

    /// Goes on until `end`, or until no wait is left.
    mutating func run(until end: Double = .infinity) {
        while now < end {
            switch schedule.next(now: Self.deadline(now)) {
            case .look(let ticket, let id, _): look(ticket, Int(id.low))
            case .end(let ticket, let link, let error): finish(ticket, link, error.code)
            case .sleep(let until): advance(to: min(Self.seconds(until), end))
            case .idle:
                guard events.count + replies.count > 0 else { return }
                advance(to: end)
            }
        }
    }

    // MARK: The world

    private var unixTime: Int64 { Self.unixStart + Int64(now.rounded(.down)) + wallShift }

    /// Goes on to the next thing that happens, at `time` at the latest.
    private mutating func advance(to time: Double) {
        let next = [events.first?.due, replies.first?.due].compactMap { $0 }.min().map(Self.seconds) ?? .infinity
        now = max(now, min(time, next))
        while let event = events.first, event.due <= Self.deadline(now) {
            _ = events.popFirst()
            happen(event.element)
        }
        while let reply = replies.first, reply.due <= Self.deadline(now) {
            _ = replies.popFirst()
            take(reply.element.ticket, reply.element.link, reply.element.observation)
        }
    }

    private mutating func happen(_ event: Event) {
        switch event {
        case .arrive(let number):
            let machine = WaitStateMachine(
                id: Self.id(number), known: state(of: number), startedAt: Self.deadline(now),
                deadline: links[number].timeout.map { Self.deadline(now + $0) } ?? .distantFuture, settled: false)
            let ticket = schedule.add(machine, number)
            schedule.begin(ticket, now: Self.deadline(now), unixTime: unixTime)
        case .setWallClock(let seconds): wallShift += seconds
        case .stall(let seconds): now += seconds
        }
    }

    private mutating func look(_ ticket: LookTicket, _ number: Int) {
        let since = links[number].looks.last ?? links[number].begunAt
        links[number].longestUnseen = max(links[number].longestUnseen, now - since)
        links[number].looks.append(now)
        sent.append(now)
        let observation: WaitStateMachine.Observation
        if let refusal = refusals.first(where: { $0.start <= now && now < $0.end }) {
            observation = .failure(
                OneShotPayError(.rateLimited, "slow down", retryable: true, retryAfter: refusal.retryAfter))
        } else {
            observation = .link(state(of: number))
        }
        replies.add((ticket, number, observation), due: Self.deadline(now + Self.requestTime))
    }

    private mutating func take(_ ticket: LookTicket, _ number: Int, _ observation: WaitStateMachine.Observation) {
        let verdicts = schedule.looked(
            ticket, observation, now: Self.deadline(now), unixTime: unixTime, random: random.uniform())
        if case .failure = observation { refused.append((now, schedule.budget.rate)) }
        for verdict in verdicts {
            switch verdict.action {
            case .succeed:
                links[number].noticedAt = now
                finish(verdict.ticket, number, nil)
            case .fail(let error): finish(verdict.ticket, number, error.code)
            case .look: break
            }
        }
    }

    private mutating func finish(_ ticket: WaitTicket, _ number: Int, _ failure: OneShotPayError.Code?) {
        links[number].endedAt = now
        links[number].failure = failure
        schedule.remove(ticket)
    }

    /// The link as the service sees it; its clock is never set.
    private func state(of number: Int) -> PayLink {
        let link = links[number]
        var state = answer
        state.change { $0.id = Self.id(number) }
        state.change { $0.createdAt = Self.unixStart + Int64((link.begunAt - link.age).rounded(.down)) }
        state.change { $0.expiresAt = link.expiresAt }
        if link.paidAt <= now {
            state.change { $0.status = .paid }
            state.change { $0.payment = payment }
        } else if let expiresAt = link.expiresAt, Double(expiresAt - Self.unixStart) <= now - expiryLag {
            state.change { $0.status = .expired }
        }
        return state
    }

    private static func id(_ number: Int) -> PayLinkID { PayLinkID(high: 1, low: UInt64(number)) }

    private static func deadline(_ seconds: Double) -> NIODeadline {
        .uptimeNanoseconds(1_000_000_000_000) + .nanoseconds(Int64((seconds * 1e9).rounded()))
    }

    private static func seconds(_ deadline: NIODeadline) -> Double {
        Double((deadline - .uptimeNanoseconds(1_000_000_000_000)).nanoseconds) / 1e9
    }
}

extension WaitSimulation {
    /// The largest number of requests in any span of `window` seconds.
    func mostSent(within window: Double) -> Int {
        var first = 0
        var most = 0
        for last in sent.indices {
            while sent[last] - sent[first] >= window - 1e-6 { first += 1 }
            most = max(most, last - first + 1)
        }
        return most
    }

    /// What the polls may at most come to in any span of `window` seconds: docs/waiting.md.
    static func budget(rate: Double, window: Double) -> Double {
        0.8 * rate * window + max(1, 0.8 * rate)
    }

    /// How long a link may go unseen while the service answers: docs/waiting.md.
    static func bound(waits: Int, rate: Double) -> Double {
        let round = Double(waits) / (0.8 * rate)
        return 1.1 * max(30, round) + round + requestTime
    }

    /// From the environment: how many links in the long form.
    static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }
}

extension SplitMix {
    /// Evenly distributed between 0 and 1, without either.
    mutating func uniform() -> Double {
        (Double(next() >> 11) + 0.5) / 9_007_199_254_740_992
    }

    /// Lognormal with σ = 1, by Box and Muller.
    mutating func lognormal(median: Double) -> Double {
        median * exp((-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform()))
    }
}

/// Mean and percentiles of a sample.
struct Spread {
    private let sorted: [Double]

    init(_ values: [Double]) { sorted = values.sorted() }

    var mean: Double { sorted.reduce(0, +) / Double(max(sorted.count, 1)) }
    var longest: Double { sorted.last ?? 0 }
    func percentile(_ percent: Int) -> Double { sorted.isEmpty ? 0 : sorted[(sorted.count - 1) * percent / 100] }
}

/// A table row for scripts/simulate-wait.
func tableRow(_ cells: Any...) {
    let shown = cells.map { cell in
        (cell as? Double).map { $0 < 100 ? String(format: "%.1f", $0) : String(format: "%.0f", $0) } ?? "\(cell)"
    }
    print("| \(shown.joined(separator: " | ")) |")
}
