// What became of the scripts: how many, with which statuses, the latest and the largest, and every broken promise.

import Seeded

/// Figures of a campaign.
struct AttackReport {
    private(set) var executions = 0
    private(set) var problems: [String] = []
    private var statuses: [Int32: Int] = [:]
    /// How many were late beside others.
    var late = 0
    private var latest: (time: Duration, place: String) = (.zero, "none")
    private var largest: (memory: Int, place: String) = (0, "none")

    /// Counts one, and tells at once what it has broken.
    /// - Parameter bare: what an empty script takes, in MiB.
    mutating func add(_ outcome: AttackedProcess.Outcome, of plan: AttackPlan, bare: Int, problem: String?) {
        executions += 1
        if outcome.signal == nil { statuses[outcome.status, default: 0] += 1 }
        let time = outcome.time - .milliseconds(plan.timeout)
        if time > latest.time { latest = (time, plan.place) }
        let memory = outcome.memory - bare - plan.memory
        if memory > largest.memory { largest = (memory, plan.place) }
        if let problem { add(problem: problem, of: plan) }
    }

    mutating func add(problem: String, of plan: AttackPlan) {
        add(problem: "script \(plan.place) \(problem)\n  see it: scripts/attack --show \(plan.place)")
    }

    mutating func add(problem: String) {
        problems.append(problem)
        Output.say(problem)
    }

    func text(after time: Duration) -> String {
        let ends = statuses.sorted { $0.key < $1.key }.map { "\($0.value) with \($0.key)" }.joined(separator: ", ")
        let seconds = time / .seconds(1)
        func whole(_ duration: Duration) -> Int { Int(duration / .milliseconds(1)) }
        return """
            \(executions) scripts in \(Int(seconds)) s; ended: \(ends)
            latest \(whole(latest.time)) ms after its --timeout (\(latest.place)), \(late) looked at again alone; largest \
            \(largest.memory) MiB beyond --memory and an empty script (\(largest.place))
            \(problems.isEmpty ? "every script ended as promised" : "FAILED: \(problems.count) broken promises")
            """
    }
}
