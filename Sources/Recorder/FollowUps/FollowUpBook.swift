// Which events of a watch wait, run, or rest, as a pure value: what the ledger shows goes in, what to run comes out.
// That an event is followed up once is the ledger's doing (paylink.once), not the book's.

package import Ledger
import NIOCore
import OneShotPay

/// What is to be done for each event of a kind: in scripts, what `paylink.on` registers.
package struct FollowUpSpec: Sendable, Hashable {
    package var event: LinkEvent
    /// Tells follow-ups of one event apart; part of their effects' keys.
    package var name: String
    package var mode: EffectClaim.Mode
    /// Only links whose key begins so.
    package var keyPrefix: String?
    /// How often it is begun at most, where the mode allows more than once; `nil`: as often as the patience allows.
    package var attempts: Int?
    /// The first pause after a failure; it doubles up to an hour.
    package var pause: Duration

    package init(
        event: LinkEvent, name: String, mode: EffectClaim.Mode, keyPrefix: String?, attempts: Int?, pause: Duration
    ) {
        self.event = event
        self.name = name
        self.mode = mode
        self.keyPrefix = keyPrefix
        self.attempts = attempts
        self.pause = pause
    }
}

/// What came of one run of a follow-up.
package enum FollowUpOutcome: String {
    case done
    /// It raised, gave `nil, err`, or took too long.
    case failed
    /// An earlier run broke off, and only a person may say what became of it.
    case inDoubt = "in_doubt"
    /// The ledger could not be asked whether it may run.
    case notBegun = "not_begun"
}

/// The events of one watch that are not done.
package struct FollowUpBook {
    /// Now, on the clock of waiting and on the ledger's.
    struct Moment {
        var now: NIODeadline
        var unixTime: Int64
    }

    package struct Event {
        /// The place of its follow-up in the script's list.
        package let spec: Int
        package let followUp: FollowUp
        /// Begun so often, in this process and before.
        var attempts: Int
        /// Since when it has been tried, in Unix seconds.
        var begunAt: Int64
    }

    private enum Standing {
        case queued, running
        /// Failed, and to be run again at this time.
        case resting(until: NIODeadline)
        /// Not to be run again before a person has decided.
        case parked
    }

    let specs: [FollowUpSpec]
    /// Whether one run of each is all (`--once`).
    let isSweep: Bool
    let patience: FollowUpPatience
    private var standings: [String: Standing] = [:]
    private var events: [String: Event] = [:]
    private var queue = CircularBuffer<String>()
    private var resting = DueQueue<String>()
    private(set) var done = 0
    private(set) var failures = 0
    private(set) var running = 0

    init(_ specs: [FollowUpSpec], isSweep: Bool, patience: FollowUpPatience = FollowUpPatience()) {
        self.specs = specs
        self.patience = patience
        self.isSweep = isSweep
    }

    var queued: Int { queue.count }
    /// Failed, and run again later.
    var waiting: Int { standings.values.count { if case .resting = $0 { true } else { false } } }
    /// In doubt, or tried as often as allowed.
    var parked: Int { standings.values.count { if case .parked = $0 { true } else { false } } }
    /// When the first of those that rest is due.
    var nextDue: NIODeadline? { resting.first?.due }

    /// Takes in what the ledger shows.
    /// - Returns: why it is not run, when it is given up as soon as it is seen.
    mutating func found(_ followUp: FollowUp, spec: Int, at moment: Moment) -> String? {
        let key = followUp.key
        switch standings[key] {
        case .queued, .running, .resting: return nil
        case .parked:
            // A person has said that it may run again.
            guard followUp.effect?.state == .open else { return nil }
        case nil: break
        }
        let effect = followUp.effect
        let event = Event(
            spec: spec, followUp: followUp, attempts: effect?.attempts ?? 0,
            begunAt: effect?.begunAt ?? moment.unixTime)
        if let effect, specs[spec].mode != .atMost,
            let due = patience.restsUntil(effect, of: specs[spec], now: moment.unixTime)
        {
            let isExhausted = patience.isExhausted(
                specs[spec], attempts: event.attempts, begunAt: event.begunAt, now: moment.unixTime)
            // What is running may well be alive, in another process.
            if isExhausted, effect.state == .failed || due <= moment.unixTime {
                standings[key] = .parked
                return "was begun \(event.attempts) times and did not succeed"
            }
            if due > moment.unixTime {
                events[key] = event
                rest(key, until: moment.now + .seconds(due - moment.unixTime))
                return nil
            }
        }
        events[key] = event
        standings[key] = .queued
        queue.append(key)
        return nil
    }

    /// The next event to run.
    mutating func next(at moment: Moment) -> Event? {
        while let (due, key) = resting.first, due <= moment.now {
            _ = resting.popFirst()
            guard case .resting = standings[key] else { continue }
            standings[key] = .queued
            queue.append(key)
        }
        guard let key = queue.popFirst(), var event = events[key] else { return nil }
        if event.attempts == 0 { event.begunAt = moment.unixTime }
        event.attempts += 1
        events[key] = event
        standings[key] = .running
        running += 1
        return event
    }

    /// A run has ended.
    /// - Parameter random: evenly distributed in 0..<1.
    /// - Returns: after how long it is run again, if it is.
    mutating func ended(
        _ key: String, _ outcome: FollowUpOutcome, at moment: Moment, random: Double
    ) -> (event: Event, again: Duration?)? {
        guard case .running = standings[key], let event = events[key] else { return nil }
        running -= 1
        switch outcome {
        case .done:
            done += 1
            forget(key)
            return (event, nil)
        case .inDoubt:
            park(key)
            return (event, nil)
        case .notBegun:
            let pause = patience.pause(after: 1, of: specs[event.spec], random: random)
            events[key]?.attempts -= 1
            rest(key, until: moment.now + TimeAmount(pause))
            return (event, pause)
        case .failed:
            failures += 1
            let spec = specs[event.spec]
            guard spec.mode != .atMost,
                !patience.isExhausted(
                    spec, attempts: event.attempts, begunAt: event.begunAt, now: moment.unixTime)
            else {
                park(key)
                return (event, nil)
            }
            let pause = patience.pause(after: event.attempts, of: spec, random: random)
            rest(key, until: moment.now + TimeAmount(pause))
            return (event, pause)
        }
    }

    /// A sweep ends before anything that rests is due: a later one finds it.
    private mutating func rest(_ key: String, until due: NIODeadline) {
        standings[key] = .resting(until: due)
        if !isSweep { resting.add(key, due: due) }
    }

    private mutating func park(_ key: String) {
        standings[key] = .parked
        events[key] = nil
    }

    private mutating func forget(_ key: String) {
        standings[key] = nil
        events[key] = nil
    }
}
