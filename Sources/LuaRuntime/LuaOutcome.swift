// How running a task ended, for now or for good.

import CLuaHost

/// What came of resuming a task.
package enum LuaOutcome {
    /// Its function returned; its results stay with its handle.
    case finished
    /// It waits: resume it with the same generation once the operation is done. `arguments` is valid until the
    /// state is used again.
    case waiting(operation: UInt32, generation: UInt32, arguments: LuaReader)
    case failed(ScriptFailure)
    /// The generation was an old one; nothing was done.
    case stale

    init(_ outcome: lh_outcome) {
        switch UInt32(bitPattern: outcome.status) {
        case LH_FINISHED.rawValue: self = .finished
        case LH_STALE.rawValue: self = .stale
        case LH_WAITING.rawValue:
            let arguments = LuaReader(UnsafeRawBufferPointer(start: outcome.bytes, count: outcome.count))
            self = .waiting(operation: outcome.operation, generation: outcome.generation, arguments: arguments)
        default: self = .failed(ScriptFailure(outcome))
        }
    }
}

/// Why a script, or one of its tasks, died.
public struct ScriptFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The error's text, with the script's line where it is known.
    public var message: String
    /// The script's lines that led there, inmost first; own frames of the host are left out.
    public var traceback: String
    /// The `code` of an error table, such as "unauthorized".
    public var code: String?
    /// The last failed call that the script was told of and may have ignored.
    public var ignoredFailure: String?
    /// The limit that ended it.
    public var stop: LuaStop?

    /// A failure with what is known of it.
    public init(
        message: String, traceback: String = "", code: String? = nil, ignoredFailure: String? = nil,
        stop: LuaStop? = nil
    ) {
        self.message = message
        self.traceback = traceback
        self.code = code
        self.ignoredFailure = ignoredFailure
        self.stop = stop
    }

    /// The message.
    public var description: String { message }

    init(_ outcome: lh_outcome) {
        guard UInt32(outcome.status) == LH_FAILED.rawValue else {
            self.init(message: "not enough memory")
            return
        }
        var reader = LuaReader(UnsafeRawBufferPointer(start: outcome.bytes, count: outcome.count))
        let texts = (0..<4).map { _ in reader.value()?.stringValue }
        self.init(
            message: texts[0] ?? "unknown error", traceback: texts[1] ?? "", code: texts[2],
            ignoredFailure: texts[3], stop: LuaStop(outcome.stopped))
    }
}

/// A limit that ended a script. Nothing in the script can catch it.
public enum LuaStop: Sendable, Equatable {
    /// It ran too long without waiting, or too long in all, or executed too many instructions.
    case stretch, total, instructions
    /// Its host ended it: its time was up, or somebody interrupted it.
    case deadline, interrupt
    /// It called `os.exit`.
    case exit
    /// Its process ended, or did what it must not.
    case lost

    init?(_ reason: Int32) {
        switch UInt32(bitPattern: reason) {
        case LH_STOP_STRETCH.rawValue: self = .stretch
        case LH_STOP_TIME.rawValue: self = .total
        case LH_STOP_INSTRUCTIONS.rawValue: self = .instructions
        case LH_STOP_DEADLINE.rawValue: self = .deadline
        case LH_STOP_INTERRUPT.rawValue: self = .interrupt
        case LH_STOP_EXIT.rawValue: self = .exit
        default: return nil
        }
    }

    /// The lh_stop_reason.
    var raw: Int32 {
        let reason =
            switch self {
            case .stretch: LH_STOP_STRETCH
            case .total: LH_STOP_TIME
            case .instructions: LH_STOP_INSTRUCTIONS
            case .deadline, .lost: LH_STOP_DEADLINE
            case .interrupt: LH_STOP_INTERRUPT
            case .exit: LH_STOP_EXIT
            }
        return Int32(bitPattern: reason.rawValue)
    }
}
