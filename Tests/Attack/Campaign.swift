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
    /// So much later than its limits a script may end on a machine that does much else.
    private static let grace = Duration.seconds(20)
    /// What a process needs besides the script, in MiB: the executable, its threads, the sandbox.
    private static let overhead = 160

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
        guard chdir(folder.path) == 0 else {
            throw Failure(description: "cannot enter \(folder.path): \(Output.reason)")
        }
        let jobs = max(1, options.jobs ?? sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let limit = options.only == nil ? options.runs ?? (options.minutes == nil ? nil : .max) : 1
        let minutes = options.minutes ?? (options.runs == nil && options.only == nil ? 10 : nil)
        let end = minutes.map { ContinuousClock.now + .seconds(Double($0) * 60) }
        var report = AttackReport()
        var running: [AttackedProcess] = []
        var next: UInt64 = 0
        let started = ContinuousClock.now
        while true {
            let isOver = limit.map { next >= $0 } ?? false || end.map { ContinuousClock.now > $0 } ?? false
            if isOver, running.isEmpty { break }
            while !isOver, running.count < jobs, limit.map({ next < $0 }) ?? true {
                let (seed, index) = options.only ?? (options.seed, next)
                let slot = (0..<jobs).first { number in !running.contains { $0.slot == number } } ?? 0
                running.append(
                    try AttackedProcess(
                        AttackPlan(seed: seed, index: index, options), program, folder, slot: slot))
                next += 1
            }
            usleep(2_000)
            for place in running.indices.reversed() {
                guard let outcome = running[place].poll(grace: Self.grace) else { continue }
                let process = running.remove(at: place)
                report.add(outcome, of: process.plan, problem: problem(with: outcome, process, folder))
            }
        }
        for slot in 0..<jobs where folder.hasLedger(slot) {
            guard let problem = try folder.ledgerProblem(slot, program) else { continue }
            report.add(problem: "the ledger of slot \(slot): \(problem)")
        }
        Output.say(report.text(after: ContinuousClock.now - started))
        return report.problems.isEmpty
    }

    /// What the outcome breaks; `nil` for one that keeps all promises.
    private func problem(with outcome: AttackedProcess.Outcome, _ process: AttackedProcess, _ folder: WorkFolder)
        -> String?
    {
        if outcome.wasEndedByUs { return "did not end \(Self.grace) after its limits" }
        if let signal = outcome.signal { return "was ended by \(String(cString: strsignal(signal)))" }
        if !Self.statuses.contains(outcome.status) { return "ended with status \(outcome.status)" }
        if folder.output(process.slot).contains(Self.canary) { return "printed the token" }
        if !options.ignoresMemory, outcome.memory > process.plan.memory + Self.overhead {
            return "took \(outcome.memory) MiB where \(process.plan.memory) MiB were allowed"
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
