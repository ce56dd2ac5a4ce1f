// `paylink run --job`: which slot is due, one run at a time, the record. What happens within a run is RunningJob's.

import Console
import Cron
import Glibc
import Ledger
import OneShotPay
import Scripting
import Settings

/// A script that is run as a job.
struct JobRun {
    let settings: JobSettings
    let script: ScriptJob

    func run() -> ExitStatus {
        signal(SIGPIPE, SIG_IGN)
        if let zone = settings.zone { JobZone.take(zone) }
        do {
            var options = SQLiteLedger.Options()
            options.now = { JobClock.now }
            let book = try JobBook(path: try ledger(), command: "run --job \(settings.name)", options: options)
            defer { book.close() }
            let status = try run(book)
            try book.endProcess(exitStatus: status.rawValue)
            return status
        } catch let error as LedgerError {
            Console.message("job \(settings.name): \(error.message)")
            return ExitStatus.of(error.code)
        } catch let problems as SettingsProblems {
            return Console.problems(problems)
        } catch let problem as JobLock.Problem {
            Console.message("job \(settings.name): \(problem.message)")
            return .inputOutput
        } catch {
            Console.message("job \(settings.name): \(error)")
            return .internalError
        }
    }

    /// Where the record is: jobs outlive a process, so `:memory:` is no place for them.
    private func ledger() throws -> String {
        var service = script.service
        try service.load(beside: script.directory)
        let path = try service.ledgerPath()
        return path == ":memory:" ? try ServiceSettings.defaultLedger() : path
    }

    private func run(_ book: JobBook) throws -> ExitStatus {
        let due = try due(book)
        guard due != .nothing else {
            sayThatNothingIsDue()
            return ExitStatus.of(JobRefusal.notDue)
        }
        let lock = try JobLock(job: settings.name, besides: book.path)
        if try !lock.take() {
            if let refusal = try wait(for: lock, due, book) { return ExitStatus.of(refusal) }
        }
        return try withExtendedLifetime(lock) {
            for lost in try book.markInterrupted(job: settings.name) {
                let slot = lost.slotText.map { " (slot \($0))" } ?? ""
                Console.message(
                    "job \(settings.name): its run \(lost.id)\(slot) was cut off: killed, crashed, or down with the "
                        + "machine; see paylink runs show \(lost.id) and paylink ledger doubt list")
            }
            // While it waited, another run may have dealt with the slot.
            return try run(try self.due(book), book)
        }
    }

    private func run(_ due: DueSlots?, _ book: JobBook) throws -> ExitStatus {
        switch due {
        case .nothing?: return .done
        case nil: return try run(SlotRun?.none, book)
        case .tooLate(let slot)?:
            try book.skip(
                start(slot), reason: "\(JobClock.now - slot.slot) s late, and --catch-up none makes up for nothing")
            say("the slot \(text(slot.slot)) passed without a run, and --catch-up is none")
            return ExitStatus.of(JobRefusal.tooLate)
        case .runs(let slots)?:
            for slot in slots {
                // What comes after a failure is due the next time.
                let status = try run(slot, book)
                if status != .done { return status }
            }
            return .done
        }
    }

    private func run(_ slot: SlotRun?, _ book: JobBook) throws -> ExitStatus {
        let start = start(slot)
        let id = try book.begin(start)
        var script = script
        let isVerbose = (script.logLevel ?? .info) <= .debug
        let ping = JobPing(
            settings.ping, job: settings.name, run: id, configuration: (try? script.service.configuration()) ?? .init()
        ) { if isVerbose { Console.message("job: \($0)") } }
        let running = RunningJob(start, id: id, in: book, ping: ping)
        script.options.job = JobFacts(
            job: settings.name, id: id, slot: start.slot, slotText: start.slotText, missed: slot?.missed ?? [],
            missedCount: start.missed)
        script.timeout = [script.timeout, settings.maxRuntime].compactMap { $0 }.min()
        script.beforeGivingUp = { status in _ = running.end(status) }
        return running.end(script.run())
    }

    // MARK: Busy

    /// Why the job is not run now; `nil` once the lock is there.
    private func wait(for lock: JobLock, _ due: DueSlots?, _ book: JobBook) throws -> JobRefusal? {
        if settings.whenBusy == .wait, try lock.take(within: settings.waitLimit) { return nil }
        // While it waited, or a moment ago: the run that holds the lock may be the slot's.
        let slot: SlotRun? =
            switch try self.due(book) {
            case .nothing?: nil
            case .runs(let slots)?: slots.last
            case .tooLate(let slot)?: slot
            case nil: nil
            }
        if due != nil, slot == nil { return .notDue }
        let other = try book.runs(job: settings.name, states: [.running], limit: 1).first
        let reason =
            other.map {
                "run \($0.id), begun at \(LedgerText.moment($0.startedAt)) as process \($0.pid), still goes on"
            }
            ?? "another process has the lock \(lock.path)"
        let id = try book.skip(start(slot), reason: reason)
        let what = "job \(settings.name) was not run: \(reason); recorded as \(id)"
        switch settings.whenBusy {
        case .skip:
            say(what)
            return .busySkipped
        case .wait, .fail:
            Console.message(what)
            return .busyFailed
        }
    }

    // MARK: Slots

    /// `nil` for a job without a schedule: it is due whenever it is started.
    private func due(_ book: JobBook) throws(LedgerError) -> DueSlots? {
        guard let schedule = settings.schedule else { return nil }
        let now = JobClock.now
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
    private func say(_ text: String) { if isatty(2) == 1 { Console.message(text) } }

    private func sayThatNothingIsDue() {
        guard let schedule = settings.schedule else { return }
        let next = schedule.slots.next(after: JobClock.now).map { "; the next slot is \(text($0))" } ?? ""
        say("job \(settings.name): nothing is due\(next); without --schedule it runs at once")
    }
}
