// Which events of a watch wait, run, or rest, as a pure value: what the ledger shows goes in, what to run comes out.
// That an event is followed up once is the ledger's doing (paylink.once), not the book's.

import Ledger
import NIOCore
import OneShotPay

/// What a script has registered with `paylink.on`.
struct FollowUpSpec: Sendable, Hashable {
    var event: LinkEvent
    /// Tells follow-ups of one event apart; part of their effects' keys.
    var name: String
    var mode: EffectClaim.Mode
    /// Only links whose key begins so.
    var keyPrefix: String?
    /// How often it is begun at most, where the mode allows more than once.
    var attempts: Int
    /// The first pause after a failure; it doubles up to an hour.
    var pause: Duration
}

/// What came of one run of a follow-up.
enum FollowUpOutcome: String {
    case done
    /// It raised, gave `nil, err`, or took too long.
    case failed
    /// An earlier run broke off, and only a person may say what became of it.
    case inDoubt = "in_doubt"
}

/// The events of one watch that are not done.
struct FollowUpBook {
    static let longestPause = 3_600.0

    struct Event {
        /// The place of its follow-up in the script's list.
        let spec: Int
        let followUp: FollowUp
        /// Begun so often, in this process and before.
        var attempts: Int
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
    private var standings: [String: Standing] = [:]
    private var events: [String: Event] = [:]
    private var queue = CircularBuffer<String>()
    private var resting = DueQueue<String>()
    private(set) var done = 0
    private(set) var failures = 0
    private(set) var running = 0

    init(_ specs: [FollowUpSpec], isSweep: Bool) {
        self.specs = specs
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
    mutating func found(_ followUp: FollowUp, spec: Int) -> String? {
        switch standings[followUp.key] {
        case .queued, .running, .resting: return nil
        case .parked:
            // A person has said that it may run again.
            guard followUp.effect?.state == .open else { return nil }
        case nil: break
        }
        let attempts = followUp.effect?.attempts ?? 0
        if followUp.effect?.state == .failed, specs[spec].mode != .atMost, attempts >= specs[spec].attempts {
            standings[followUp.key] = .parked
            return "was begun \(attempts) times and did not succeed"
        }
        events[followUp.key] = Event(spec: spec, followUp: followUp, attempts: attempts)
        standings[followUp.key] = .queued
        queue.append(followUp.key)
        return nil
    }

    /// The next event to run.
    mutating func next(now: NIODeadline) -> Event? {
        while let (due, key) = resting.first, due <= now {
            _ = resting.popFirst()
            guard case .resting = standings[key] else { continue }
            standings[key] = .queued
            queue.append(key)
        }
        guard let key = queue.popFirst(), var event = events[key] else { return nil }
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
        _ key: String, _ outcome: FollowUpOutcome, now: NIODeadline, random: Double
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
        case .failed:
            failures += 1
            let spec = specs[event.spec]
            guard spec.mode != .atMost, event.attempts < spec.attempts else {
                park(key)
                return (event, nil)
            }
            let bound = min(spec.pause / .seconds(1) * Double(1 << min(event.attempts - 1, 20)), Self.longestPause)
            let pause = bound * (0.5 + 0.5 * random)
            let due = now + .nanoseconds(Int64(pause * 1e9))
            standings[key] = .resting(until: due)
            if !isSweep { resting.add(key, due: due) }
            return (event, .seconds(pause))
        }
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
