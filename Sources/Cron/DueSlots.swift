// Which slot a run stands for, and which were missed: from the last slot that was dealt with, the time and a policy.

/// What becomes of slots that passed without a run.
package enum CatchUp: String, Sendable, CaseIterable {
    /// One run, for the latest slot; it knows of the others.
    case latest
    /// A run for each, oldest first.
    case all
    /// None: a slot that is not run in its time is only recorded.
    case none
}

/// What is to be done now.
package enum DueSlots: Sendable, Hashable {
    /// Every slot so far was dealt with.
    case nothing
    /// Runs to make, oldest first.
    case runs([SlotRun])
    /// The slot came too late to be run, under ``CatchUp/none``.
    case tooLate(SlotRun)

    /// How late a run may be under ``CatchUp/none``, in seconds.
    package static let grace: Int64 = 120
    /// How many missed slots a run is told of, and how many runs ``CatchUp/all`` makes.
    package static let listed = 100
    package static let runsAtOnce = 24
    /// Counting ends here.
    package static let counted = 10_000

    /// - Parameters:
    ///   - last: the newest slot, not in the future, that was run or skipped.
    ///   - since: slots up to this instant count as dealt with.
    package static func find(
        _ schedule: Schedule, last: Int64?, since: Int64?, now: Int64, catchUp: CatchUp
    ) -> DueSlots {
        guard let latest = schedule.previous(through: now) else { return .nothing }
        guard let floor = [last, since].compactMap({ $0 }).max() else {
            let run = SlotRun(slot: latest)
            return catchUp == .none && now - latest > grace ? .tooLate(run) : .runs([run])
        }
        guard latest > floor else { return .nothing }
        let passed = schedule.slots(after: floor, through: latest, limit: counted)
        switch catchUp {
        case .all:
            let chosen = Array(passed.prefix(runsAtOnce).reversed())
            var runs = chosen.map { SlotRun(slot: $0) }
            runs[0].miss(passed.dropFirst(runsAtOnce))
            return .runs(runs)
        case .latest, .none:
            var run = SlotRun(slot: latest)
            run.miss(passed.dropFirst())
            return catchUp == .none && now - latest > grace ? .tooLate(run) : .runs([run])
        }
    }
}

/// A run to make for a slot.
package struct SlotRun: Sendable, Hashable {
    /// Unix seconds.
    package var slot: Int64
    /// The newest of the slots that passed without a run before this one, oldest first.
    package var missed: [Int64] = []
    /// How many passed; at most ``DueSlots/counted``.
    package var missedCount = 0

    package init(slot: Int64) { self.slot = slot }

    mutating func miss(_ slots: ArraySlice<Int64>) {
        missedCount = slots.count
        missed = slots.prefix(DueSlots.listed).reversed()
    }
}
