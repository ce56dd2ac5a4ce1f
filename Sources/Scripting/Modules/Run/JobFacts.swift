// What a script may know of the scheduled run that it is: Lua's `run`.

import LuaRuntime

/// A run of a job, as its script sees it.
package struct JobFacts: Sendable, Hashable {
    package var job: String
    /// The run's id in the record.
    package var id: Int64
    /// Unix seconds; `nil` when the run has no schedule.
    package var slot: Int64?
    /// The slot in the schedule's zone: `2026-11-25T06:00:00+01:00`.
    package var slotText: String?
    /// The newest slots that passed without a run, oldest first.
    package var missed: [Int64]
    /// How many passed.
    package var missedCount: Int

    package init(job: String, id: Int64, slot: Int64?, slotText: String?, missed: [Int64], missedCount: Int) {
        self.job = job
        self.id = id
        self.slot = slot
        self.slotText = slotText
        self.missed = missed
        self.missedCount = missedCount
    }

    /// Five values, and the missed slots as a list.
    func write(to reply: LuaWriter) {
        reply.string(job)
        reply.integer(id)
        if let slot { reply.integer(slot) } else { reply.null() }
        if let slotText { reply.string(slotText) } else { reply.null() }
        reply.integer(Int64(missedCount))
        reply.beginArray(hint: missed.count)
        for slot in missed { reply.integer(slot) }
        reply.end()
    }
}
