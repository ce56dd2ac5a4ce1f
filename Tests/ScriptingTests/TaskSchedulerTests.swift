// The scheduler as a value: events in, actions out; no Lua, no time.

import Chance
import LuaRuntime
import Testing

@testable import Scripting

@Suite struct TaskSchedulerTests {
    private let main = LuaTaskID(raw: 1), a = LuaTaskID(raw: 2), b = LuaTaskID(raw: 3), c = LuaTaskID(raw: 4)
    private let failure = ScriptFailure(message: "no", code: "x")

    /// A scheduler whose main task runs and has spawned `children`, which run too, up to their first wait.
    private func started(_ children: LuaTaskID...) -> TaskScheduler {
        var scheduler = TaskScheduler()
        scheduler.start(main: main)
        #expect(scheduler.next() == .start(main))
        #expect((scheduler.resuming(main)) == true)
        for child in children { _ = scheduler.spawned(child, by: main) }
        return scheduler
    }

    private func run(_ scheduler: inout TaskScheduler, _ task: LuaTaskID, generation: UInt32 = 1) {
        #expect(scheduler.next() == .start(task))
        #expect((scheduler.resuming(task)) == true)
        #expect((scheduler.waits(task, generation: generation)) == true)
    }

    @Test func aScriptEndsWhenItsMainTaskAndAllChildrenHave() {
        var scheduler = started(a)
        scheduler.finished(main)
        #expect(scheduler.next() == .start(a))
        #expect((scheduler.resuming(a)) == true)
        #expect(!scheduler.isOver)
        scheduler.finished(a)
        #expect(scheduler.next() == .end(.finished))
    }

    @Test func aFailedChildFailsAParentThatWaitsForSomethingElse() {
        var scheduler = started(a, b)
        #expect((scheduler.waits(main, generation: 1)) == true)
        run(&scheduler, a)
        run(&scheduler, b)
        #expect((scheduler.resuming(a)) == true)
        scheduler.failed(a, failure)
        #expect(scheduler.next() == .kill(b, because: nil))
        #expect(scheduler.next() == .kill(main, because: failure))
        #expect(scheduler.next() == .end(.failed(failure)))
        #expect(scheduler.outsideWaits == 0)
    }

    @Test func aFailedChildThatIsJoinedIsItsJoinersBusiness() {
        var scheduler = started(a)
        scheduler.joins(main, generation: 1, targets: [a], any: false)
        run(&scheduler, a)
        #expect((scheduler.resuming(a)) == true)
        scheduler.failed(a, failure)
        #expect(scheduler.next() == .deliver(to: main, generation: 1, from: a))
        #expect((scheduler.resuming(main)) == true)
        scheduler.finished(main)
        #expect(scheduler.next() == .end(.finished))
    }

    @Test func aFailureWhileTheParentJoinsAnotherIsHeldUntilItIsJoined() {
        var scheduler = started(a, b)
        scheduler.joins(main, generation: 1, targets: [a], any: false)
        run(&scheduler, a)
        run(&scheduler, b)
        #expect((scheduler.resuming(b)) == true)
        scheduler.failed(b, failure)
        #expect((scheduler.resuming(a)) == true)
        scheduler.finished(a)
        #expect(scheduler.next() == .deliver(to: main, generation: 1, from: a))
        #expect((scheduler.resuming(main)) == true)
        scheduler.joins(main, generation: 2, targets: [b], any: false)
        #expect(scheduler.next() == .deliver(to: main, generation: 2, from: b))
        #expect((scheduler.resuming(main)) == true)
        scheduler.finished(main)
        #expect(scheduler.next() == .end(.finished))
    }

    @Test func aFailureThatNobodyJoinsFailsTheParentAtItsEnd() {
        var scheduler = started(a)
        #expect(scheduler.next() == .start(a))
        #expect((scheduler.resuming(a)) == true)
        scheduler.failed(a, failure)
        scheduler.finished(main)
        #expect(scheduler.next() == .end(.failed(failure)))
    }

    @Test func cancellingATaskEndsAllItOwnsFirst() {
        var scheduler = started(a)
        #expect(scheduler.next() == .start(a))
        #expect((scheduler.resuming(a)) == true)
        #expect((scheduler.spawned(b, by: a)) == true)
        #expect((scheduler.waits(a, generation: 1)) == true)
        run(&scheduler, b)
        scheduler.cancel(a)
        #expect(scheduler.next() == .kill(b, because: nil))
        #expect(scheduler.next() == .kill(a, because: nil))
        #expect(scheduler.outsideWaits == 0)
        scheduler.finished(main)
        #expect(scheduler.next() == .end(.finished))
    }

    @Test func aTaskThatCancelsItselfEndsAtItsNextWait() {
        var scheduler = started(a)
        scheduler.joins(main, generation: 1, targets: [a], any: false)
        #expect(scheduler.next() == .start(a))
        #expect((scheduler.resuming(a)) == true)
        scheduler.cancel(a)
        #expect(scheduler.outsideWaits == 0)
        #expect((scheduler.waits(a, generation: 1)) == false, "what it would wait for is not begun")
        #expect(scheduler.next() == .kill(a, because: nil))
        #expect(scheduler.next() == .deliver(to: main, generation: 1, from: a))
    }

    @Test func theFirstOfSeveralIsToldByItsIndex() {
        var scheduler = started(a, b)
        scheduler.joins(main, generation: 7, targets: [a, b], any: true)
        run(&scheduler, a)
        run(&scheduler, b)
        #expect((scheduler.resuming(b)) == true)
        scheduler.finished(b)
        #expect(scheduler.next() == .deliverIndex(to: main, generation: 7, index: 2))
        #expect(scheduler.next() == nil)
    }

    @Test func endsAreGatheredInTheirOrder() {
        var scheduler = started(a, b, c)
        for task in [a, b, c] { run(&scheduler, task) }
        scheduler.joins(main, generation: 1, targets: [a, b, c], any: true)
        for task in [c, a] {
            #expect((scheduler.resuming(task)) == true)
            scheduler.failed(task, failure)
        }
        #expect(scheduler.next() == .deliverIndex(to: main, generation: 1, index: 3))
        #expect((scheduler.resuming(main)) == true)
        scheduler.joinsNext(main, generation: 2)
        #expect(
            scheduler.next() == .deliverIndex(to: main, generation: 2, index: 1), "a failure is no longer unhandled")
        #expect((scheduler.resuming(main)) == true)
        scheduler.joinsNext(main, generation: 3)
        #expect(scheduler.next() == nil)
        #expect((scheduler.resuming(b)) == true)
        scheduler.finished(b)
        #expect(scheduler.next() == .deliverIndex(to: main, generation: 3, index: 2))
    }

    @Test func aTaskThatEndsGathersNoMore() {
        var scheduler = started(a, b)
        run(&scheduler, a)
        #expect(scheduler.next() == .start(b))
        #expect((scheduler.resuming(b)) == true)
        scheduler.joins(b, generation: 1, targets: [a], any: true)
        scheduler.cancel(b)
        #expect(scheduler.next() == .kill(b, because: nil))
        #expect(scheduler.record(a)?.gatherers.entries.isEmpty == true)
    }

    @Test func aCircleOfJoinsIsRefused() {
        var scheduler = started(a)
        scheduler.joins(main, generation: 1, targets: [a], any: false)
        #expect(scheduler.next() == .start(a))
        #expect((scheduler.resuming(a)) == true)
        scheduler.joins(a, generation: 1, targets: [main], any: false)
        #expect(scheduler.next() == .refuse(a, generation: 1))
        #expect((scheduler.resuming(a)) == true)
        scheduler.joins(a, generation: 2, targets: [a], any: false)
        #expect(scheduler.next() == .refuse(a, generation: 2))
    }

    @Test func aWakeUpOfAnEarlierWaitIsRefused() {
        var scheduler = started(a)
        run(&scheduler, a, generation: 5)
        #expect((scheduler.resuming(a, generation: 4)) == false)
        #expect(scheduler.outsideWaits == 1)
        #expect((scheduler.resuming(a, generation: 5)) == true)
        #expect(scheduler.outsideWaits == 0)
    }

    @Test func tasksAreNotNestedWithoutEnd() {
        var scheduler = started()
        var parent = main
        for raw in 2..<UInt32(2 + LuaLimits.taskDepth) {
            let child = LuaTaskID(raw: raw)
            #expect((scheduler.spawned(child, by: parent)) == true)
            parent = child
        }
        #expect((scheduler.spawned(LuaTaskID(raw: 9999), by: parent)) == false)
    }

    @Test func tasksThatCanNeverGoOnAreADeadlock() {
        var scheduler = started(a)
        #expect(scheduler.next() == .start(a))
        #expect((scheduler.resuming(a)) == true)
        scheduler.joins(a, generation: 1, targets: [main], any: true)
        scheduler.finished(main)
        #expect(scheduler.next() == .end(.deadlock([a, main])))
    }

    @Test func aCollectedTaskIsReleasedOnceItHasEnded() {
        var scheduler = started(a)
        run(&scheduler, a)
        scheduler.collected(a)
        #expect(scheduler.next() == nil)
        #expect((scheduler.resuming(a)) == true)
        scheduler.finished(a)
        #expect(scheduler.next() == .release(a))
        #expect(scheduler.resuming(a) == false)
    }

    @Test func aWakeUpOfAnEndedTaskIsRefused() {
        var scheduler = started(a)
        run(&scheduler, a)
        scheduler.cancel(a)
        #expect(scheduler.resuming(a) == false)
        #expect(scheduler.outsideWaits == 0)
    }

    /// Random events: the count of outside waits stays true, and the script ends.
    @Test(arguments: 0..<200) func randomEventsKeepTheBooks(_ seed: Int) {
        var random = SplitMix(seed: 1)
        _ = seed
        var scheduler = TaskScheduler()
        scheduler.start(main: main)
        var waiting: Set<LuaTaskID> = [], running: LuaTaskID?
        var nextID: UInt32 = 2
        var ended = false
        for _ in 0..<400 where !ended {
            if running == nil {
                if let action = scheduler.next() {
                    switch action {
                    case .start(let id), .deliver(let id, _, _), .deliverIndex(let id, _, _):
                        if scheduler.resuming(id) { running = id }
                    case .kill(let id, _): waiting.remove(id)
                    case .refuse(let id, _): if scheduler.resuming(id) { running = id }
                    case .release: break
                    case .end: ended = true
                    }
                } else if let id = waiting.randomElement(using: &random) {
                    waiting.remove(id)
                    if scheduler.resuming(id) { running = id }
                }
                continue
            }
            guard let task = running else { continue }
            switch Int.random(in: 0..<10, using: &random) {
            case 0...2 where nextID < 30:
                if scheduler.spawned(LuaTaskID(raw: nextID), by: task) { nextID += 1 }
            case 3: scheduler.cancel(LuaTaskID(raw: UInt32.random(in: 1..<nextID, using: &random)))
            case 4: scheduler.collected(LuaTaskID(raw: UInt32.random(in: 2...max(2, nextID - 1), using: &random)))
            case 5:
                scheduler.failed(task, failure)
                running = nil
            case 6:
                scheduler.finished(task)
                running = nil
            case 7:
                let target = LuaTaskID(raw: UInt32.random(in: 1..<nextID, using: &random))
                scheduler.joins(task, generation: 1, targets: [target], any: Bool.random(using: &random))
                running = nil
            default:
                if scheduler.waits(task, generation: 1) { waiting.insert(task) }
                running = nil
            }
            #expect(scheduler.outsideWaits >= 0)
        }
    }

    @Test func aJoinerThatIsGoneDealsWithNoFailure() {
        var scheduler = started(a, b)
        #expect((scheduler.waits(main, generation: 1)) == true)
        run(&scheduler, a)
        #expect((scheduler.next()) == .start(b))
        #expect((scheduler.resuming(b)) == true)
        scheduler.joins(b, generation: 1, targets: [a], any: false)
        scheduler.cancel(b)
        #expect((scheduler.next()) == .kill(b, because: nil))
        #expect((scheduler.resuming(a)) == true)
        scheduler.failed(a, failure)
        #expect((scheduler.next()) == .kill(main, because: failure))
    }

    @Test func aGathererThatIsGoneDealsWithNoFailure() {
        var scheduler = started(a, b, c)
        #expect((scheduler.waits(main, generation: 1)) == true)
        run(&scheduler, a)
        #expect((scheduler.next()) == .start(b))
        #expect((scheduler.resuming(b)) == true)
        scheduler.joins(b, generation: 1, targets: [a, c], any: true)
        scheduler.cancel(b)
        #expect((scheduler.next()) == .start(c))
        #expect((scheduler.next()) == .kill(b, because: nil))
        #expect((scheduler.resuming(a)) == true)
        scheduler.failed(a, failure)
        #expect((scheduler.next()) == .kill(c, because: nil))
        #expect((scheduler.next()) == .kill(main, because: failure))
    }
}
