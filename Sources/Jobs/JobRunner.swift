// One start of a job: which slot is due, one run at a time, the record. What happens within a run is RunningJob's.

import Console
import Cron
import Glibc
package import HTTPTransport
package import Ledger

/// One run, as the body of the job gets to know it.
package struct JobTask: Sendable {
    /// The run's id in the record.
    package let id: Int64
    package let start: JobStart
    /// The newest slots that passed without a run, oldest first.
    package let missed: [Int64]
    /// The ledger, for what the run records.
    package let ledger: @Sendable (LedgerScope) -> any LedgerStore
    /// Records an end that does not come back to the runner: before the process exits. From any thread.
    package let giveUp: @Sendable (_ exitStatus: Int32) -> Void
}

/// Runs a job.
package struct JobRunner {
    private let settings: JobSettings
    private let transport: HTTPTransport.Settings?
    private let isVerbose: Bool
    private let surroundings: JobSurroundings

    /// - Parameters:
    ///   - transport: how a monitor is reached.
    ///   - isVerbose: pings that did not arrive are told.
    package init(
        _ settings: JobSettings, transport: HTTPTransport.Settings?, isVerbose: Bool, _ surroundings: JobSurroundings
    ) {
        self.settings = settings
        self.transport = transport
        self.isVerbose = isVerbose
        self.surroundings = surroundings
    }

    /// - Parameters:
    ///   - place: of the ledger that keeps the record. Opened here, once, for the record and for each run.
    ///   - exitStatus: of the process, for an end that is no run's.
    ///   - body: the work, once for each slot; gives its exit status.
    package func run(
        ledger place: LedgerPlace, exitStatus: (JobEnd) -> Int32, body: (JobTask) -> Int32
    ) -> JobEnd {
        do {
            let clock = surroundings.clock
            let book = try place.openJobs(
                command: "run --job \(settings.name)", words: surroundings.words, now: { clock.now })
            defer { book.close() }
            let end = try run(book, body)
            try book.endProcess(exitStatus: exitStatus(end))
            return end
        } catch {
            let error = error as? LedgerError ?? LedgerError(.failed, "\(error)")
            surroundings.tell("job \(settings.name): \(error.message)")
            return .failed(error)
        }
    }

    private func run(_ book: any JobBook, _ body: (JobTask) -> Int32) throws -> JobEnd {
        let due = try due(book)
        guard due != .nothing else {
            sayThatNothingIsDue()
            return .refused(.notDue)
        }
        let lock = try book.lock(settings.name)
        if try !lock.take() {
            if let refusal = try wait(for: lock, due, book) { return .refused(refusal) }
        }
        return try withExtendedLifetime(lock) {
            for lost in try book.markInterrupted(job: settings.name) {
                let slot = lost.slotText.map { " (slot \($0))" } ?? ""
                surroundings.tell(
                    "job \(settings.name): its run \(lost.id)\(slot) was cut off: killed, crashed, or down with the "
                        + "machine; see paylink runs show \(lost.id) and paylink ledger doubt list")
            }
            // While it waited, another run may have dealt with the slot.
            return try run(try self.due(book), book, body)
        }
    }

    private func run(_ due: DueSlots?, _ book: any JobBook, _ body: (JobTask) -> Int32) throws -> JobEnd {
        switch due {
        case .nothing?: return .ran(exitStatus: 0)
        case nil: return try run(SlotRun?.none, book, body)
        case .tooLate(let slot)?:
            let late = surroundings.clock.now - slot.slot
            try book.skip(start(slot), reason: "\(late) s late, and --catch-up none makes up for nothing")
            say("the slot \(text(slot.slot)) passed without a run, and --catch-up is none")
            return .refused(.tooLate)
        case .runs(let slots)?:
            for slot in slots {
                // What comes after a failure is due the next time.
                let end = try run(slot, book, body)
                if !end.isWell { return end }
            }
            return .ran(exitStatus: 0)
        }
    }

    private func run(_ slot: SlotRun?, _ book: any JobBook, _ body: (JobTask) -> Int32) throws -> JobEnd {
        let start = start(slot)
        let id = try book.begin(start)
        let ping = JobPing(settings.ping, job: settings.name, run: id, transport: transport) {
            [isVerbose, surroundings] text in
            if isVerbose { surroundings.tell("job: \(text)") }
        }
        let running = RunningJob(start, id: id, in: book, ping: ping, surroundings)
        let task = JobTask(
            id: id, start: start, missed: slot?.missed ?? [], ledger: { book.ledger($0) }, giveUp: { running.end($0) })
        return running.end(body(task))
    }

    // MARK: Busy

    /// Why the job is not run now; `nil` once the lock is there.
    private func wait(for lock: any JobLock, _ due: DueSlots?, _ book: any JobBook) throws -> JobRefusal? {
        if settings.whenBusy == .wait, try lock.take(within: settings.waitLimit) { return nil }
        var other = try runUnderWay(book)
        // Whoever has the lock may be about to begin a run, or just have ended one.
        for _ in 0..<20 where other == nil {
            if try lock.take(within: .milliseconds(50)) { return nil }
            other = try runUnderWay(book)
        }
        // While it waited, or a moment ago: the run that holds the lock may be the slot's.
        let slot: SlotRun? =
            switch try self.due(book) {
            case .nothing?: nil
            case .runs(let slots)?: slots.last
            case .tooLate(let slot)?: slot
            case nil: nil
            }
        if due != nil, slot == nil { return .notDue }
        let reason =
            other.map {
                "run \($0.id), begun at \(TimeText.iso($0.startedAt)) as process \($0.pid)\($0.host.map { " on \($0)" } ?? ""), still goes on"
            }
            ?? "another process has the lock \(lock.place)"
        // A slot is skipped for the sake of a run; without one it stays due.
        let id = try book.skip(start(other == nil ? nil : slot), reason: reason)
        let what = "job \(settings.name) was not run: \(reason); recorded as \(id)"
        switch settings.whenBusy {
        case .skip:
            say(what)
            return .busySkipped
        case .wait, .fail:
            surroundings.tell(what)
            return .busyFailed
        }
    }

    private func runUnderWay(_ book: any JobBook) throws(LedgerError) -> JobRecord? {
        try book.runs(job: settings.name, states: [.running], limit: 1).first
    }

    // MARK: Slots

    /// `nil` for a job without a schedule: it is due whenever it is started.
    private func due(_ book: any JobBook) throws(LedgerError) -> DueSlots? {
        guard let schedule = settings.schedule else { return nil }
        let now = surroundings.clock.now
        return DueSlots.find(
            schedule.slots, last: try book.lastSlot(job: settings.name, now: now), since: settings.since, now: now,
            catchUp: settings.catchUp)
    }

    private func start(_ slot: SlotRun?) -> JobStart {
        guard let slot else { return JobStart(job: settings.name) }
        return JobStart(
            job: settings.name, slot: slot.slot, slotText: text(slot.slot), missed: slot.missedCount)
    }

    private func text(_ slot: Int64) -> String { settings.schedule?.zone.text(slot) ?? String(slot) }

    /// What only somebody at a terminal wants to know.
    private func say(_ text: String) { if surroundings.isWatched { surroundings.tell(text) } }

    private func sayThatNothingIsDue() {
        guard let schedule = settings.schedule else { return }
        let next = schedule.slots.next(after: surroundings.clock.now).map { "; the next slot is \(text($0))" } ?? ""
        say("job \(settings.name): nothing is due\(next); without --schedule it runs at once")
    }
}
