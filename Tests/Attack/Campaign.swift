// Runs plans in processes, several at once, and judges how each of them ended.

import Glibc
import Seeded

/// All executions of one call.
struct Campaign {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// How a run of a script may end; 64 would mean that this program does not know its options.
    static let statuses: Set<Int32> = [0, 1, 65, 69, 74, 75, 77, 78, 124]
    /// What stands in for a secret: no script may ever print it.
    static let canary = "canary-5f1d-7c0e-of-the-host"
    /// So long after `--timeout` the process ends, whatever the script does (docs/security.md), and a second for the
    /// start and for a machine that does much else.
    private static let lateness = Duration.seconds(3)
    /// One that is later still is ended by this program.
    private static let patience = Duration.seconds(30)
    /// What a run may take beyond what an empty script takes and `--memory`, in MiB: what is under way between the two.
    private static let overhead = 64

    let options: AttackOptions
    private let program: String

    init(options: AttackOptions) throws {
        self.options = options
        let own = try Self.link("/proc/self/exe")
        let beside = own.prefix(through: own.lastIndex(of: "/") ?? own.startIndex) + "paylink"
        program = try Self.whole(options.program ?? String(beside))
        guard access(program, X_OK) == 0 else { throw Failure(description: "there is no \(program); build it first") }
    }

    /// - Returns: whether every script ended as promised.
    func run() throws -> Bool {
        let folder = try WorkFolder()
        defer { folder.remove() }
        let jobs = max(1, options.jobs ?? sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let limit = options.only == nil ? options.runs ?? (options.minutes == nil ? nil : .max) : 1
        let minutes = options.minutes ?? (options.runs == nil && options.only == nil ? 10 : nil)
        let end = minutes.map { ContinuousClock.now + .seconds(Double($0) * 60) }
        var report = AttackReport()
        var late: [AttackPlan] = []
        let started = ContinuousClock.now
        var next: UInt64 = 0
        let bare = try bareMemory(folder)
        try attack(folder, jobs: jobs) {
            let isOver = limit.map { next >= $0 } ?? false || end.map { ContinuousClock.now > $0 } ?? false
            guard !isOver else { return nil }
            defer { next += 1 }
            let (seed, index) = options.only ?? (options.seed, next)
            return AttackPlan(seed: seed, index: index, options)
        } ended: { process, outcome in
            let problem = problem(with: outcome, process, folder, bare: bare)
            if problem == nil, isLate(outcome, process.plan) { late.append(process.plan) }
            report.add(outcome, of: process.plan, bare: bare[process.plan.isUntrusted] ?? 0, problem: problem)
        }
        // The machine may have been busy with others: only who is late when alone, too, is late by himself.
        report.late = late.count
        try attack(folder, jobs: 1) {
            late.popLast()
        } ended: { process, outcome in
            guard isLate(outcome, process.plan) else { return }
            report.add(problem: "ended \(outcome.time) after its start", of: process.plan)
        }
        for slot in 0..<jobs where folder.hasLedger(slot) {
            guard let problem = try folder.ledgerProblem(slot, program) else { continue }
            report.add(problem: "the ledger of slot \(slot): \(problem)")
        }
        Output.say(report.text(after: ContinuousClock.now - started))
        return report.problems.isEmpty
    }

    /// Runs what `next` gives, so many at once, until it gives nothing.
    private func attack(
        _ folder: WorkFolder, jobs: Int, next: () throws -> AttackPlan?,
        ended: (AttackedProcess, AttackedProcess.Outcome) throws -> Void
    ) throws {
        var running: [AttackedProcess] = []
        var isOver = false
        while !(isOver && running.isEmpty) {
            while !isOver, running.count < jobs {
                guard let plan = try next() else {
                    isOver = true
                    break
                }
                let slot = (0..<jobs).first { number in !running.contains { $0.slot == number } } ?? 0
                running.append(try AttackedProcess(plan, program, folder, slot: slot))
            }
            usleep(2_000)
            for place in running.indices.reversed() {
                guard let outcome = running[place].poll(patience: Self.patience) else { continue }
                try ended(running.remove(at: place), outcome)
            }
        }
    }

    /// What a run takes whose script does nothing, in MiB, with `--untrusted` and without.
    private func bareMemory(_ folder: WorkFolder) throws -> [Bool: Int] {
        var bare: [Bool: Int] = [:]
        var plans = [AttackPlan.bare(isUntrusted: true, options), .bare(isUntrusted: false, options)]
        try attack(folder, jobs: 1) {
            plans.popLast()
        } ended: { process, outcome in
            guard outcome.status == 0, outcome.signal == nil else {
                throw Failure(description: "an empty script fails: \(folder.output(process.slot))")
            }
            bare[process.plan.isUntrusted] = outcome.memory
        }
        return bare
    }

    private func isLate(_ outcome: AttackedProcess.Outcome, _ plan: AttackPlan) -> Bool {
        !options.isSanitized && outcome.time > .milliseconds(plan.timeout) + Self.lateness
    }

    /// What the outcome breaks; `nil` for one that keeps all promises.
    private func problem(
        with outcome: AttackedProcess.Outcome, _ process: AttackedProcess, _ folder: WorkFolder, bare: [Bool: Int]
    ) -> String? {
        if outcome.wasEndedByUs { return "did not end \(Self.patience) after its limits" }
        if let signal = outcome.signal { return "was ended by \(String(cString: strsignal(signal)))" }
        if !Self.statuses.contains(outcome.status) { return "ended with status \(outcome.status)" }
        if folder.output(process.slot).contains(Self.canary) { return "printed the token" }
        let allowed = (bare[process.plan.isUntrusted] ?? 0) + process.plan.memory
        if !options.isSanitized, outcome.memory > allowed + Self.overhead {
            return "took \(outcome.memory) MiB where \(allowed) MiB were allowed"
        }
        return nil
    }

    private static func link(_ path: String) throws -> String {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = readlink(path, &buffer, buffer.count)
        guard count > 0 else { throw Failure(description: "cannot find myself: \(Output.reason)") }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The path from the root, as the working directory changes.
    private static func whole(_ path: String) throws -> String {
        guard let found = realpath(path, nil) else { throw Failure(description: "there is no \(path); build it first") }
        defer { free(found) }
        return String(cString: found)
    }
}
