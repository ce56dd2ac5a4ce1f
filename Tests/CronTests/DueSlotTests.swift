// Which slot a run stands for, and what was missed.

import Testing

@testable import Cron

@Suite struct DueSlotTests {
    static let hour: Int64 = 3600
    /// 2026-11-25T12:00:00Z, a slot of each schedule here.
    static let noon: Int64 = 1_795_608_000

    static func find(
        _ catchUp: CatchUp = .latest, last: Int64?, since: Int64? = nil, now: Int64, _ expression: String = "0 * * * *"
    ) throws -> DueSlots {
        DueSlots.find(
            Schedule(try CronExpression(parsing: expression)) { _ in 0 }, last: last, since: since, now: now,
            catchUp: catchUp)
    }

    static func run(_ slot: Int64, missed: [Int64] = []) -> SlotRun {
        var run = SlotRun(slot: slot)
        run.missed = missed
        run.missedCount = missed.count
        return run
    }

    @Test func runsTheSlotThatHasJustCome() throws {
        let due = try Self.find(last: Self.noon - Self.hour, now: Self.noon + 3)
        #expect(due == .runs([Self.run(Self.noon)]))
    }

    @Test(arguments: CatchUp.allCases)
    func runsNoSlotTwice(_ catchUp: CatchUp) throws {
        #expect(try Self.find(catchUp, last: Self.noon, now: Self.noon + 3) == .nothing)
        #expect(try Self.find(catchUp, last: Self.noon, now: Self.noon + 3599) == .nothing)
        #expect(try Self.find(catchUp, last: nil, since: Self.noon, now: Self.noon + 3599) == .nothing)
    }

    @Test func theFirstRunOfAJobHasMissedNothing() throws {
        #expect(try Self.find(last: nil, now: Self.noon + 3) == .runs([Self.run(Self.noon)]))
        #expect(try Self.find(.all, last: nil, now: Self.noon + 3) == .runs([Self.run(Self.noon)]))
    }

    @Test func slotsSinceTheJobWasAddedCountAsMissed() throws {
        let due = try Self.find(last: nil, since: Self.noon - 2 * Self.hour, now: Self.noon + 3)
        #expect(due == .runs([Self.run(Self.noon, missed: [Self.noon - Self.hour])]))
    }

    @Test func latestRunsOnceAndTellsOfTheOthers() throws {
        let due = try Self.find(last: Self.noon - 4 * Self.hour, now: Self.noon + 1800)
        #expect(due == .runs([Self.run(Self.noon, missed: [3, 2, 1].map { Self.noon - $0 * Self.hour })]))
    }

    @Test func allRunsEachOldestFirst() throws {
        let due = try Self.find(.all, last: Self.noon - 3 * Self.hour, now: Self.noon + 1800)
        #expect(due == .runs([2, 1, 0].map { Self.run(Self.noon - $0 * Self.hour) }))
    }

    @Test func allIsBoundedAndTellsWhatItLeavesOut() throws {
        guard case .runs(let runs) = try Self.find(.all, last: Self.noon - 30 * Self.hour, now: Self.noon) else {
            Issue.record("nothing to run")
            return
        }
        #expect(runs.count == DueSlots.runsAtOnce)
        #expect(runs.last?.slot == Self.noon)
        #expect(runs.first?.missed == (24..<30).reversed().map { Self.noon - Int64($0) * Self.hour })
        #expect(runs.dropFirst().allSatisfy { $0.missedCount == 0 })
    }

    @Test func noneRunsInTimeOnly() throws {
        let missed = Self.noon - Self.hour
        #expect(
            try Self.find(.none, last: missed - Self.hour, now: Self.noon + 60)
                == .runs([Self.run(Self.noon, missed: [missed])]))
        #expect(
            try Self.find(.none, last: missed - Self.hour, now: Self.noon + 121)
                == .tooLate(Self.run(Self.noon, missed: [missed])))
    }

    @Test func aLongAbsenceIsCountedAndListedWithinBounds() throws {
        guard case .runs(let runs) = try Self.find(last: Self.noon - 30 * 86_400, now: Self.noon, "* * * * *") else {
            Issue.record("nothing to run")
            return
        }
        #expect(runs.first?.missedCount == DueSlots.counted - 1)
        #expect(runs.first?.missed.count == DueSlots.listed)
        #expect(runs.first?.missed.last == Self.noon - 60)
    }

    @Test func aClockThatWasSetBackRunsNothingAgain() throws {
        #expect(try Self.find(last: Self.noon, now: Self.noon - 600) == .nothing)
    }
}
