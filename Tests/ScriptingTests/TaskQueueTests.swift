// Lists of tasks from which any may be taken away.

import LuaRuntime
import NIOCore
import Testing

@testable import Scripting

@Suite struct TaskQueueTests {
    @Test func listsFromWhichMostHaveGoneAreShortened() {
        var queue = TaskQueue<Int>()
        for entry in 0..<1000 { queue.add(entry) }
        for gone in 0..<990 { queue.leave { $0 > gone } }
        #expect(queue.entries.count < 40)
        #expect(queue.entries.suffix(10) == [990, 991, 992, 993, 994, 995, 996, 997, 998, 999])
    }

    @Test func failuresAreForgottenInAnyOrder() {
        var failures = UnhandledFailures()
        let tasks = (1...5).map { LuaTaskID(raw: $0) }
        for task in tasks { failures.add(task, ScriptFailure(message: "\(task.raw)")) }
        failures.remove(tasks[1])
        failures.remove(tasks[0])
        #expect(failures.first?.message == "3")
        failures.remove(tasks[4])
        failures.remove(tasks[4])
        #expect(failures.count == 2 && failures.first?.message == "3")
        failures.remove(tasks[2])
        failures.remove(tasks[3])
        #expect(failures.isEmpty && failures.first == nil)
    }

    @Test func sleepersWakeInTheOrderOfTheirTimesAndThoseWhoAreGoneDoNot() {
        let begin = NIODeadline.uptimeNanoseconds(1000)
        var sleepers = Sleepers<Int>()
        var numbers: [Int: Int] = [:]
        for index in 0..<500 {
            let time = index * 37 % 500
            numbers[time] = sleepers.add(time, due: begin + .nanoseconds(Int64(time)))
        }
        for time in 0..<500 where time % 3 != 0 { sleepers.remove(numbers[time] ?? 0) }
        sleepers.remove(numbers[1] ?? 0)
        var woken: [Int] = []
        for now in stride(from: 0, through: 500, by: 50) {
            while let time = sleepers.popDue(begin + .nanoseconds(Int64(now))) {
                #expect(time <= now && time > now - 50)
                woken.append(time)
            }
        }
        #expect(woken == Array(stride(from: 0, to: 500, by: 3)))
        #expect(sleepers.due == nil)
    }
}
