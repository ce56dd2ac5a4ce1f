// The end of a child that cannot be gone on with: it is killed, and what it did becomes the script's failure.

import CLuaHost
import Glibc
import Synchronization

extension ChildLua {
    /// It broke the rules, which an honest one does not.
    func lose(_ what: String) -> ScriptFailure {
        lose(code: "script_process", whole: "the script's process broke the rules (\(what)) and was ended")
    }

    func lose(code: String, whole: String, stop: LuaStop = .lost) -> ScriptFailure {
        _ = process.end()
        let failure = ScriptFailure(message: whole, code: code, stop: stop)
        lost = failure
        return failure
    }

    func lose(_ problem: FramePipe.Problem) -> ScriptFailure {
        switch problem {
        case .ended: return lose(code: "script_process", whole: Self.text(process.ended()))
        case .tooLong(let count): return lose("it announced a frame of \(count) bytes")
        case .failed(let code): return lose("nothing can be said to it: \(String(cString: strerror(code)))")
        case .overdue(let stop):
            return lose(code: "script_process", whole: overdueText(stop) + "; its process was ended", stop: stop)
        }
    }

    /// The wall refused a system call, and the child said which before it ended.
    func breach(_ bytes: UnsafeRawBufferPointer) -> ScriptFailure {
        let number = bytes.count >= 4 ? String(bytes.loadUnaligned(as: UInt32.self).littleEndian) : "unknown"
        let version = bytes.dropFirst(4).prefix { $0 != 0 }.filter { (33...126).contains($0) }
        return lose(
            code: "script_process",
            whole: "the script's process made a system call that it must not make (number \(number), C library "
                + "\(String(decoding: version, as: UTF8.self))); it was ended")
    }

    /// For what the child says of its tasks.
    func checked(_ check: () throws(ChildBook.Lie) -> Void) throws(ScriptFailure) {
        do throws(ChildBook.Lie) { try check() } catch { throw lose(error.what) }
    }

    private func overdueText(_ stop: LuaStop) -> String {
        let grace = "\(ChildPatience.grace.components.seconds) s later it still computed"
        switch stop {
        case .stretch: return "the script ran for longer than it may without waiting, and \(grace)"
        case .total: return "the script used up its running time, and \(grace)"
        default: return "the script was told to end, and \(grace)"
        }
    }

    private static func text(_ end: ScriptProcess.End?) -> String {
        switch end {
        case .exit(Int32(LW_EXIT_MEMORY)): "the script's process had not enough memory"
        case .exit(Int32(LW_EXIT_ORDER)): "the script's process did not understand what it was told"
        case .exit(Int32(LW_EXIT_WALL)): "the script's process could not give up its rights"
        case .exit(let status): "the script's process ended by itself, with status \(status)"
        case .signal(SIGXCPU), .signal(SIGKILL):
            "the script's process was killed: it used up its processor time, or the system ran out of memory"
        case .signal(SIGSYS): "the script's process made a system call that it must not make; it was ended"
        case .signal(let number):
            "the script's process crashed (signal \(number), \(String(cString: strsignal(number))))"
        case nil: "the script's process is gone"
        }
    }
}

/// Why the child was told to end, and since when.
final class AskedStop: Sendable {
    private let first = Mutex<(reason: LuaStop, at: ContinuousClock.Instant)?>(nil)

    var stop: (reason: LuaStop, at: ContinuousClock.Instant)? { first.withLock { $0 } }

    /// False when it was asked before.
    func ask(_ reason: LuaStop) -> Bool {
        first.withLock { first in
            guard first == nil else { return false }
            first = (reason, .now)
            return true
        }
    }
}
