// A function of the host as the prelude calls it: its name, how it is answered, and whether an untrusted script has it.

import Advice
import Glibc
package import LuaRuntime

/// One host function, defined by the module that has it.
package struct Operation {
    /// Writes the values that the call returns.
    package typealias Answer = (inout LuaReader, LuaWriter) -> Void
    /// Takes note of what is told.
    package typealias Note = (inout LuaReader) -> Void
    /// Starts what the calling task waits for, and gives how to abandon it, when it can be.
    package typealias Start = (inout LuaReader, Waiter) -> (() -> Void)?
    /// Joins the calling task to others.
    package typealias Join = (inout LuaReader, LuaTaskID, _ generation: UInt32) -> Void

    package enum Body {
        /// Answered at once.
        case answers(Answer)
        /// Nothing comes back: a script's own process does not wait for the host.
        case notes(Note)
        /// Suspends the task until its waiter returns.
        case waits(Start)
        /// Suspends the task until the scheduler delivers.
        case joins(Join)
    }

    /// How a script hears that it may not do this; the forms are those in which the operation fails otherwise.
    package enum Untrusted {
        /// It is theirs, too.
        case granted
        /// nil, message, errno
        case file
        /// nil, message
        case message
        /// nil, code, message
        case coded
        /// nil, a table of code and message
        case error
    }

    /// The field of the prelude's `host` table.
    let name: String
    /// What a message calls it.
    let shown: String
    /// Said of each operation: who writes a new one has to decide.
    let untrusted: Untrusted
    /// Arguments for which the answer does not change during a run.
    let constantFor: [[LuaValue]]
    let body: Body

    package init(
        _ name: String, shown: String? = nil, untrusted: Untrusted, constantFor: [[LuaValue]] = [], _ body: Body
    ) {
        self.name = name
        self.shown = shown ?? name
        self.untrusted = untrusted
        self.constantFor = constantFor
        self.body = body
    }
}

extension LuaOperation {
    /// As Lua is told of it.
    init(_ operation: Operation, number: UInt32) {
        self.init(
            number: number, name: operation.name, shown: operation.shown, waits: operation.waits,
            tells: operation.tells)
    }
}

extension Operation {
    fileprivate var waits: Bool {
        switch body {
        case .answers, .notes: false
        case .waits, .joins: true
        }
    }

    fileprivate var tells: Bool { if case .notes = body { true } else { false } }

    /// How to refuse it to a script that runs untrusted; `nil`: it may be done. Asked before an operation begins, so what
    /// the prelude or another right says does not count.
    func refusalToUntrusted(_ words: AdviceWords) -> ((LuaWriter) -> Void)? {
        let message = UntrustedScript.refusal(shown, words)
        return switch untrusted {
        case .granted: nil
        case .message: { $0.failure(message) }
        case .file: { $0.failure(message, number: EACCES) }
        case .coded: { $0.failure(code: "not_allowed", message) }
        case .error:
            { reply in
                reply.null()
                reply.beginMap(hint: 3)
                reply.string("code" as StaticString)
                reply.string("not_allowed" as StaticString)
                reply.string("message" as StaticString)
                reply.string(message)
                reply.string("retryable" as StaticString)
                reply.boolean(false)
                reply.end()
            }
        }
    }
}
