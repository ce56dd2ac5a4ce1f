// A world in simulated time around the follow-up logic: links with random histories, a service that is away now and then,
// a watch that is killed and started again, other processes that look at random instants. No real clock, no network, no
// Lua; the ledger is the one in memory, which keeps the same rules as the others. What is asserted of it is in
// MoneySimulationTests.

import Chance
import Ledger
import NIOCore
import Synchronization

@testable import OneShotPay
@testable import Recorder

/// The clock of everything in one world. Unix seconds.
final class WorldClock: Sendable {
    private let seconds = Atomic<Int64>(MoneyHistory.unixStart)

    func set(_ time: Double) { seconds.store(MoneyHistory.unix(time), ordering: .relaxed) }
    var now: Int64 { seconds.load(ordering: .relaxed) }
}

struct MoneySimulation {
    enum Event {
        case publish(Int)
        case reply(watch: Int, LookTicket, WaitStateMachine.Observation)
        case read(watch: Int)
        /// A follow-up is over, unless its watch was killed before.
        case end(watch: Int, key: String, EffectRow)
        /// Some other process looks at a link.
        case peek(Int)
        case kill
        case start
        /// A person settles what was cut off.
        case settle
    }

    static let scope = LedgerScope(account: "018f5a3c-0000-7000-8000-00000000a11c", baseURL: "https://1shotpay.com")
    static let end = 30.0 * 3_600

    let histories: [MoneyHistory]
    /// The service answers nothing of use from the first to the second.
    private let outages: [ClosedRange<Double>]
    private let numbers: [PayLinkID: Int]
    private let clock = WorldClock()
    private let ledger = MemoryBook()
    private let publisher: MemoryLedger
    private var watch: SimulatedWatch?
    private var watches = 0
    private var random: SplitMix
    private var events = DueQueue<Event>()
    private(set) var now = 0.0
    private(set) var kills = 0
    private(set) var looks = 0
    private(set) var failedLooks = 0
    /// Payments that some look has brought.
    private(set) var seen: Set<PaymentID> = []
    /// How often each follow-up really happened, by the key of its effect.
    private(set) var happened: [String: Int] = [:]
    /// What was cut off by a kill, and whether it had happened by then.
    private var cut: [String: Bool] = [:]

    init(links: Int, seed: UInt64) {
        var random = SplitMix(seed: seed)
        histories = (0..<links).map { MoneyHistory(number: $0, random: &random) }
        numbers = Dictionary(uniqueKeysWithValues: histories.map { ($0.id, $0.number) })
        outages = (0..<20).map { _ in
            let start = random.between(0, Self.end - 3_600)
            return start...start + random.between(1, 300)
        }
        publisher = MemoryLedger(scope: Self.scope, book: ledger, now: { [clock] in clock.now })
        for history in histories {
            events.add(.publish(history.number), due: Self.time(history.createdAt))
            for _ in 0..<random.below(4) {
                let at = history.createdAt + random.between(1, random.chance(0.5) ? 3_600 : 26 * 3_600)
                events.add(.peek(history.number), due: Self.time(at))
            }
        }
        for _ in 0..<12 { events.add(.kill, due: Self.time(random.between(0, Self.end - 3_600))) }
        events.add(.start, due: Self.time(0))
        self.random = random
    }

    mutating func run() throws {
        while now < Self.end {
            let moment = moment
            if let step = try watch?.step(at: moment) {
                switch step {
                case .look(let ticket, let id): try look(ticket, id)
                case .follow(let key): try begin(key)
                case .sleep(let until): advance(to: min(until.map(Self.seconds) ?? Self.end, Self.end))
                }
            } else {
                advance(to: Self.end)
            }
            while let (due, event) = events.first, due <= Self.time(now) {
                _ = events.popFirst()
                try happen(event)
            }
        }
    }

    // MARK: The world

    private mutating func advance(to time: Double) {
        now = max(now, min(time, events.first.map { Self.seconds($0.due) } ?? .infinity))
        clock.set(now)
    }

    private mutating func happen(_ event: Event) throws {
        let moment = moment
        switch event {
        case .publish(let number): try publish(histories[number])
        case .reply(let number, let ticket, let observation):
            guard number == watches else { return }
            let random = random.between(0, 1)
            let isTaken = try watch?.looked(ticket, observation, at: moment, random: random) ?? false
            if isTaken, case .link(let link) = observation { note(link) }
        case .read(let number):
            guard number == watches, let again = try watch?.read(at: moment) else { return }
            events.add(.read(watch: number), due: Self.time(now + again))
        case .end(let number, let key, let row):
            guard number == watches, watch != nil else { return }
            happened[key, default: 0] += 1
            try watch?.ended(key, row, at: moment)
        case .peek(let number):
            guard !isAway else { return }
            let link = try histories[number].state(at: now)
            _ = try publisher.perform([.observe(link)])
            note(link)
        case .kill: kill()
        case .start: try start()
        case .settle:
            for (key, hasHappened) in cut {
                _ = try publisher.perform([.resolveEffect(key: key, hasHappened ? .happened : .retry)])
            }
            cut = [:]
        }
    }

    private var moment: SimulatedWatch.Moment { SimulatedWatch.Moment(now: Self.time(now), unixTime: clock.now) }
    private var isAway: Bool { outages.contains { $0.contains(now) } }

    private mutating func note(_ link: PayLink) {
        if let payment = link.payment { seen.insert(payment.id) }
    }

    private mutating func publish(_ history: MoneyHistory) throws {
        let claim = LinkClaim(
            key: "order-\(history.number)", terms: "{}", amount: Money(microUSDC: MoneyHistory.amount),
            description: "Order", resendsInDoubt: true, isSending: true)
        guard case .claim(.granted(let row, _)) = try publisher.perform([.claim(claim)])[0] else { return }
        let link = try history.state(at: history.createdAt)
        _ = try publisher.perform([.finish(row, .done(link, possibleOrphans: 0))])
    }

    private mutating func start() throws {
        watches += 1
        let store = MemoryLedger(scope: Self.scope, book: ledger, now: { [clock] in clock.now })
        watch = try SimulatedWatch(store, at: moment)
        events.add(.read(watch: watches), due: Self.time(now))
        events.add(.settle, due: Self.time(now + 60))
    }

    private mutating func kill() {
        guard let killed = watch else { return }
        kills += 1
        for key in killed.running {
            // It may have happened just before.
            cut[key] = random.chance(0.5)
            if cut[key] == true { happened[key, default: 0] += 1 }
        }
        killed.store.close()
        watch = nil
        events.add(.start, due: Self.time(now + random.between(1, 300)))
    }

    private mutating func look(_ ticket: LookTicket, _ id: PayLinkID) throws {
        looks += 1
        let observation: WaitStateMachine.Observation
        if isAway {
            failedLooks += 1
            let codes: [OneShotPayError.Code] = [
                .notFound, .rejected, .serverError, .connectFailed, .badReply, .timeout,
            ]
            observation = .failure(OneShotPayError(codes[random.below(codes.count)], "away", retryable: false))
        } else {
            guard let number = numbers[id] else { return }
            observation = .link(try histories[number].state(at: now))
        }
        let latency = random.chance(0.02) ? random.between(1, 20) : random.between(0.02, 0.5)
        events.add(.reply(watch: watches, ticket, observation), due: Self.time(now + latency))
    }

    private mutating func begin(_ key: String) throws {
        let moment = moment
        guard let row = try watch?.claim(key, at: moment) else { return }
        events.add(.end(watch: watches, key: key, row), due: Self.time(now + random.between(0.01, 3)))
    }

    static func time(_ seconds: Double) -> NIODeadline {
        .uptimeNanoseconds(1_000_000_000_000) + .nanoseconds(Int64((seconds * 1e9).rounded()))
    }

    static func seconds(_ deadline: NIODeadline) -> Double {
        Double((deadline - .uptimeNanoseconds(1_000_000_000_000)).nanoseconds) / 1e9
    }
}
