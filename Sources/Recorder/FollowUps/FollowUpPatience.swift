// How long a follow-up that may run more than once rests after a failure, and when it is given up: a pure rule.

import Ledger

struct FollowUpPatience: Sendable {
    /// How long it is tried, from its first run on: what whoever runs the watch says.
    var retryFor: Duration = .seconds(7 * 86_400)

    static let longestPause = 3_600.0

    /// The pause after so many runs. It doubles up to an hour.
    /// - Parameter random: evenly distributed in 0..<1; takes up to half of the pause away.
    func pause(after attempts: Int, of spec: FollowUpSpec, random: Double) -> Duration {
        let doublings = min(max(attempts - 1, 0), 20)
        let bound = min(spec.pause / .seconds(1) * Double(1 << doublings), Self.longestPause)
        return .seconds(bound * (0.5 + 0.5 * random))
    }

    /// Whether it is run no more.
    /// - Parameter begunAt: when it was begun first, in Unix seconds like `now`.
    func isExhausted(_ spec: FollowUpSpec, attempts: Int, begunAt: Int64, now: Int64) -> Bool {
        if let most = spec.attempts, attempts >= most { return true }
        return now - begunAt >= retryFor.components.seconds
    }

    /// When an event that other processes have begun may run again, in Unix seconds; `nil`: at once.
    ///
    /// A run that was cut off is no failure of its own, so the first is made up for at once; what is cut off again and
    /// again rests as a failure does, so that a follow-up that ends its process does not keep it from all other work.
    /// A change that lies in the future was recorded by a clock that was wrong: nothing waits for it.
    func restsUntil(_ effect: FollowUp.EffectStand, of spec: FollowUpSpec, now: Int64) -> Int64? {
        switch effect.state {
        case .failed: break
        case .running where effect.attempts > 1: break
        default: return nil
        }
        guard effect.changedAt <= now else { return now }
        let pause = pause(after: effect.attempts, of: spec, random: 0.5)
        return effect.changedAt + pause.components.seconds
    }
}
