// A start of a job without a script: what is due, what is recorded, and what is told to whom.

import Cron
import Glibc
import HTTPTransport
import Ledger
import Synchronization
import Testing

@testable import Jobs

@Suite struct JobRunnerTests {
    @Test func runsASlotOnceAndTellsNobody() throws {
        let desk = try JobDesk()
        #expect(desk.run() == .ran(exitStatus: 0))
        #expect(desk.slots == [JobDesk.noon])
        #expect(desk.run() == .refused(.notDue))
        #expect(desk.slots == [JobDesk.noon] && desk.messages == "")
        #expect(try desk.records().map(\.exitStatus) == [0])
    }

    @Test func catchesUpSlotBySlotAndStopsAtAFailure() throws {
        var desk = try JobDesk()
        desk.settings.since = JobDesk.noon - 3 * 3600
        desk.settings.catchUp = .all
        desk.statuses = [0, 3]
        #expect(desk.run() == .ran(exitStatus: 3))
        #expect(desk.slots == [JobDesk.noon - 7200, JobDesk.noon - 3600])
        #expect(desk.messages.contains("job daily failed: status 3"), "\(desk.messages)")
        #expect(try desk.records().map(\.exitStatus) == [3, 0])
    }

    @Test func aSlotThatCameTooLateIsRecordedAndNotRun() throws {
        var desk = try JobDesk(now: JobDesk.noon + 600)
        desk.settings.catchUp = .none
        #expect(desk.run() == .refused(.tooLate))
        #expect(desk.slots.isEmpty)
        #expect(try desk.records().first?.reason?.contains("600 s late") == true)
    }

    @Test func whatTheBodyRecordsIsItsRunsAndNoOther() throws {
        var desk = try JobDesk()
        desk.settings.since = JobDesk.noon - 2 * 3600
        desk.settings.catchUp = .all
        let scope = LedgerScope(account: "a", baseURL: "https://1shotpay.com")
        let end = desk.run { task in
            let ledger = task.ledger(scope)
            defer { ledger.close() }
            // The second slot begins two effects, the first one.
            for number in 0...(task.start.slot == JobDesk.noon ? 1 : 0) {
                let claim = EffectClaim(key: "\(task.id)-\(number)", mode: .atLeast)
                guard (try? ledger.perform([.claimEffect(claim)])) != nil else { return 1 }
            }
            return 0
        }
        #expect(end == .ran(exitStatus: 0))
        #expect(try desk.records().map(\.effects) == [2, 1])
    }

    @Test func aJobThatIsUnderWayIsNotRunTwice() throws {
        var desk = try JobDesk()
        let path = desk.ledger
        // Makes the ledger's folder and the lock's.
        #expect(desk.run() == .ran(exitStatus: 0))
        let lock = try SQLiteJobLock(job: "daily", besides: path)
        #expect(try lock.take())
        desk.settings.schedule = nil
        #expect(desk.run() == .refused(.busySkipped))
        #expect(desk.messages == "")
        desk.settings.whenBusy = .fail
        #expect(desk.run() == .refused(.busyFailed))
        #expect(desk.messages.contains("another process has the lock \(lock.place)"), "\(desk.messages)")
        desk.settings.whenBusy = .wait
        desk.settings.waitLimit = .milliseconds(1)
        #expect(desk.run() == .refused(.busyFailed))
        #expect(desk.slots.count == 1)
        #expect(try desk.records().map(\.outcome) == [.skipped, .skipped, .skipped, .ran])
    }

    /// Whoever has the lock, and has recorded nothing yet, may be the very run of the slot.
    @Test func aLockWithoutARunDoesNotUseUpTheSlot() throws {
        let desk = try JobDesk()
        var lock: SQLiteJobLock? = try SQLiteJobLock(job: "daily", besides: desk.ledger)
        #expect(try lock?.take() == true)
        #expect(desk.run() == .refused(.busySkipped))
        lock = nil
        #expect(desk.run() == .ran(exitStatus: 0))
        #expect(desk.slots == [JobDesk.noon])
    }

    @Test func aBodyThatGivesUpIsRecordedOnce() throws {
        let desk = try JobDesk()
        let end = desk.run { task in
            task.giveUp(124)
            return 1
        }
        #expect(end == .ran(exitStatus: 1))
        #expect(try desk.records().map(\.exitStatus) == [124])
        #expect(desk.messages.contains("status 124") && !desk.messages.contains("status 1,"))
    }

    @Test func aLedgerThatCannotBeMadeIsToldAndNothingIsRun() throws {
        let desk = try JobDesk()
        guard case .failed(let error) = desk.run(ledger: "/dev/null/ledger.db") else {
            Issue.record("it ran")
            return
        }
        #expect(desk.messages.contains("job daily: \(error.message)"))
        #expect(desk.slots.isEmpty)
    }
}

/// A job, hourly, in a folder of its own.
private struct JobDesk {
    /// 2026-11-25T12:00:00Z.
    static let noon: Int64 = 1_795_608_000

    var settings = JobSettings(name: "daily")
    /// What the body ends with, run by run; 0 after that.
    var statuses: [Int32] = []
    private let folder: JobFolder
    private let now: Int64
    private let told = Told()

    init(now: Int64 = noon) throws {
        folder = JobFolder()
        self.now = now
        let zone = try Zone(named: "UTC")
        settings.schedule = (Schedule(try CronExpression(parsing: "0 * * * *"), zone), zone)
    }

    var ledger: String { folder.path + "/ledger.db" }
    var messages: String { told.messages.withLock { $0 } }
    /// Those that the body was run for.
    var slots: [Int64?] { told.slots.withLock { $0 } }

    func run(ledger path: String? = nil) -> JobEnd {
        run(ledger: path) { _ in
            let index = told.slots.withLock { $0.count - 1 }
            return index < statuses.count ? statuses[index] : 0
        }
    }

    func run(ledger path: String? = nil, _ body: (JobTask) -> Int32) -> JobEnd {
        let now = now
        let told = told
        let surroundings = JobSurroundings(
            clock: JobClock { now }, isWatched: false, output: nil,
            write: { text in told.messages.withLock { $0 += text } }, meaning: { "status \($0)" })
        return JobRunner(settings, transport: HTTPTransport.Settings(), isVerbose: false, surroundings)
            .run(ledger: .file(path ?? ledger), exitStatus: { _ in 0 }) { task in
                told.slots.withLock { $0.append(task.start.slot) }
                return body(task)
            }
    }

    /// The newest first.
    func records() throws -> [JobRecord] {
        let book = try SQLiteJobBook(path: ledger, command: "test")
        defer { book.close() }
        return try book.runs()
    }
}

private final class Told: Sendable {
    let messages = Mutex("")
    let slots = Mutex<[Int64?]>([])
}

/// Removed with its content.
private final class JobFolder: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/paylink-jobs-XXXXXX".utf8CString)
        path = String(cString: mkdtemp(&template))
    }

    deinit {
        for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db.runs", "jobs/daily.lock", "jobs"] {
            remove(path + "/" + name)
        }
        remove(path)
    }
}
