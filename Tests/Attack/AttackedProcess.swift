// A `paylink run` with a hostile script: started, watched, its end and its memory taken from the system.

import Glibc
import Seeded

/// One script that runs.
struct AttackedProcess {
    struct Outcome {
        var status: Int32 = 0
        var signal: Int32?
        /// Resident at its largest, in MiB.
        var memory = 0
        var time = Duration.zero
        var wasEndedByUs = false
    }

    let plan: AttackPlan
    let slot: Int
    private let pid: pid_t
    private let started = ContinuousClock.now
    private var wasEndedByUs = false

    init(_ plan: AttackPlan, _ program: String, _ folder: WorkFolder, slot: Int) throws {
        self.plan = plan
        self.slot = slot
        let path = folder.script(slot)
        try folder.prepare(slot, script: plan.script)
        var words = [program] + plan.words(path)
        // An untrusted script and a trusted one have ledgers of their own.
        if !plan.isUntrusted { words.insert(contentsOf: ["--ledger", folder.ledger(slot)], at: 2) }
        pid = try Self.spawn(
            words, output: folder.outputFile(slot), folder: folder.place(slot), ledger: folder.ledger(slot))
    }

    /// Looks once.
    /// - Returns: the outcome; `nil` while it runs. One that outlives its limits by `patience` is ended.
    mutating func poll(patience: Duration) -> Outcome? {
        var status: Int32 = 0
        var usage = rusage()
        guard wait4(pid, &status, WNOHANG, &usage) == pid else {
            if ContinuousClock.now - started > .milliseconds(plan.timeout + plan.busy) + patience, !wasEndedByUs {
                wasEndedByUs = true
                kill(pid, SIGKILL)
            }
            return nil
        }
        var outcome = Outcome(memory: usage.ru_maxrss >> 10, time: ContinuousClock.now - started)
        outcome.wasEndedByUs = wasEndedByUs
        if status & 0x7F == 0 { outcome.status = status >> 8 & 0xFF } else { outcome.signal = status & 0x7F }
        return outcome
    }

    /// Starts a program with nothing as input and all that it prints in one file.
    static func spawn(_ words: [String], output: String, folder: String, ledger: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        guard chdir(folder) == 0 else {
            throw Campaign.Failure(description: "cannot enter \(folder): \(Output.reason)")
        }
        let kept = ["ASAN_OPTIONS", "LLVM_PROFILE_FILE"].compactMap { (name: String) -> String? in
            getenv(name).map { "\(name)=\(String(cString: $0))" }
        }
        let surroundings =
            kept + [
                "ATTACK_SECRET=\(Campaign.canary)", "HOME=\(folder)", "PATH=/usr/bin:/bin", "XDG_STATE_HOME=\(folder)",
                "PAYLINK_LEDGER=\(ledger)",
                "ONESHOT_USER_ID=018f5a3c-0000-7000-8000-00000000a11c", "ONESHOT_API_TOKEN=\(Campaign.canary)",
                "SWIFT_BACKTRACE=enable=no", "NO_COLOR=1",
            ]
        var arguments = words.map { strdup($0) } + [nil]
        var environment = surroundings.map { strdup($0) } + [nil]
        defer { for text in arguments + environment { free(text) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, words[0], &actions, nil, &arguments, &environment)
        guard code == 0 else { throw Campaign.Failure(description: "cannot start \(words[0]) (error \(code))") }
        return pid
    }
}
