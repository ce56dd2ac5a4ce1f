// Starts a process for each target and says what became of it: a crash cannot take the report along.

import Glibc
import Seeded

/// The processes of one run.
struct Supervisor {
    /// A worker's exit status when it has told itself what is wrong; AddressSanitizer ends with 1.
    static let brokenPromise: Int32 = 3
    private static let poll = Duration.milliseconds(50)
    /// A worker whose input does not end in this time hangs.
    private static let patience = Duration.seconds(120)

    private struct Child {
        let target: String
        let pid: pid_t
        let progress: Progress
        var seen: UInt64 = .max
        var changed = ContinuousClock.now
    }

    let options: FuzzOptions
    let targets: [String]

    /// Runs all targets to their end.
    /// - Returns: whether none crashed, hung or broke a promise.
    func run() throws -> Bool {
        var waiting = Array(targets.enumerated())
        var children: [Child] = []
        var succeeded = true
        let jobs = max(1, options.jobs ?? sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        while !waiting.isEmpty || !children.isEmpty {
            while children.count < jobs, let (number, target) = waiting.first {
                waiting.removeFirst()
                children.append(try start(target, number))
            }
            usleep(useconds_t(Self.poll / .microseconds(1)))
            for index in children.indices.reversed() {
                guard let status = ended(&children[index]) else { continue }
                let child = children.remove(at: index)
                close(child.progress.descriptor)
                if !report(child, status) { succeeded = false }
            }
        }
        return succeeded
    }

    private func start(_ target: String, _ number: Int) throws -> Child {
        let share = options.runs / UInt64(targets.count)
        let runs = share + (UInt64(number) < options.runs % UInt64(targets.count) ? 1 : 0)
        let progress = try Progress()
        var words = [
            "paylink-fuzz", "--only", target, "--runs", "\(runs)", "--seed", "\(options.seed)",
            "--progress", "\(progress.descriptor)",
        ]
        if let seconds = options.seconds { words += ["--seconds", "\(seconds)"] }
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, "/proc/self/exe", nil, nil, &arguments, environ)
        guard code == 0 else { throw FuzzFailure(description: "cannot start a process (error \(code))") }
        return Child(target: target, pid: pid, progress: progress)
    }

    /// The wait status of a child that has ended; one that hangs is ended.
    private func ended(_ child: inout Child) -> Int32? {
        var status: Int32 = 0
        if waitpid(child.pid, &status, WNOHANG) == child.pid { return status }
        if child.progress.index != child.seen {
            (child.seen, child.changed) = (child.progress.index, .now)
        } else if ContinuousClock.now - child.changed > Self.patience {
            Output.say("\(child.target): an input runs for more than \(Self.patience)")
            kill(child.pid, SIGKILL)
            child.changed = .now
        }
        return nil
    }

    private func report(_ child: Child, _ status: Int32) -> Bool {
        if status == 0 { return true }
        let signal = status & 0x7F
        if signal == 0, status >> 8 == Self.brokenPromise { return false }
        let place = "\(options.seed):\(child.progress.index)"
        let end = signal == 0 ? "ended with status \(status >> 8)" : "ended by \(String(cString: strsignal(signal)))"
        Output.say(
            "\(child.target): \(end) at input \(place)\n"
                + "  run it alone: scripts/fuzz --only \(child.target) --replay \(place)")
        return false
    }
}
