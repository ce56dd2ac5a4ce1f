// Simulated time: the order of things, and processes that end.

import NIOCore
import Simulation
import Testing

@Suite struct SimulatedTimeTests {
    private let time = SimulatedTime()

    private func runAll() { while time.step(until: time.now + .hours(1_000)) {} }

    private func at(_ seconds: Int64) -> NIODeadline { SimulatedTime.beginning + .seconds(seconds) }

    @Test func doesWhatIsDueInOrderAndJumpsToIt() {
        var done: [String] = []
        for (second, name) in [(30, "c"), (1, "a"), (30, "d"), (2, "b")] as [(Int64, String)] {
            time.add(due: at(second)) { done.append("\(name)\(self.time.elapsed.nanoseconds / 1_000_000_000)") }
        }
        runAll()
        #expect(done == ["a1", "b2", "c30", "d30"])
    }

    @Test func manyThingsAreDoneInTheOrderOfTheirMoments() {
        var seen: [Int64] = []
        for number in 0..<2_000 as Range<Int64> {
            let due = number * 7_919 % 1_009
            time.add(due: at(due)) { seen.append(due) }
        }
        runAll()
        #expect(seen.count == 2_000)
        #expect(seen == seen.sorted())
    }

    @Test func nothingIsDoneBehindTheEndThatIsAskedFor() {
        var isDone = false
        time.add(due: at(10)) { isDone = true }
        #expect(!time.step(until: at(9)))
        #expect(time.now == at(9))
        #expect(!isDone)
        #expect(time.step(until: at(10)))
        #expect(isDone)
    }

    @Test func whatIsCalledOffIsNotDone() {
        var isDone = false
        time.add(due: at(1)) { isDone = true }.cancel()
        runAll()
        #expect(!isDone)
    }

    @Test func aProcessEndsBetweenTwoOfItsStepsAndAnotherGoesOn() {
        let dying = SimulatedLife(time), other = SimulatedLife(time)
        var steps: [String] = []
        var ends = 0
        dying.endsBefore = 3
        dying.whenEnded = { ends += 1 }
        for second in 1...5 as ClosedRange<Int64> {
            time.add(due: at(second), life: dying) { steps.append("dying") }
            time.add(due: at(second), life: other) { steps.append("other") }
        }
        runAll()
        #expect(steps.filter { $0 == "dying" }.count == 2)
        #expect(steps.filter { $0 == "other" }.count == 5)
        #expect(ends == 1)
    }
}

@Suite struct SimulatedLoopTests {
    private let time = SimulatedTime()

    private func runAll() { while time.step(until: time.now + .hours(1_000)) {} }

    @Test func keepsTheOrderInWhichItWasGivenThings() {
        var delays = [3, 1, 2, 0].map { TimeAmount.milliseconds($0) }
        let loop = SimulatedLoop(time, SimulatedLife(time)) { delays.removeFirst() }
        var order: [Int] = []
        for number in 1...4 { loop.execute { order.append(number) } }
        runAll()
        #expect(order == [1, 2, 3, 4])
    }

    @Test func timersComeAtTheirMomentAndCanBeCancelled() throws {
        let loop = SimulatedLoop(time, SimulatedLife(time))
        var fired: [TimeAmount] = []
        _ = loop.scheduleTask(in: .minutes(5)) { fired.append(time.elapsed) }
        loop.scheduleTask(in: .minutes(1)) { fired.append(time.elapsed) }.cancel()
        runAll()
        #expect(fired == [.minutes(5)])
        #expect(loop.now == time.now)
    }

    @Test func whatAnEndedProcessHadToDoFailsAndIsNotDone() {
        let life = SimulatedLife(time)
        let loop = SimulatedLoop(time, life)
        var isDone = false
        let failures = NIOLoopBoundBox(0, eventLoop: loop)
        let timer = loop.scheduleTask(in: .seconds(1)) { isDone = true }
        timer.futureResult.whenFailure { _ in failures.value += 1 }
        loop.execute { isDone = true }
        life.end()
        loop.execute { isDone = true }
        loop.scheduleTask(in: .zero) { isDone = true }.futureResult.whenFailure { _ in failures.value += 1 }
        runAll()
        #expect(!isDone)
        #expect(failures.value == 2)
    }
}
