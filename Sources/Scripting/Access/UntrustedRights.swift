// What is left to a script that runs untrusted: computing, its arguments, standard output, and links of its own. Every
// operation of the host is judged here before it begins, so what the prelude or another right says does not count.

import Glibc
import LuaRuntime

extension Operation {
    /// How a script hears that it may not do this; the forms are those in which the operation fails otherwise.
    enum UntrustedAnswer: Equatable {
        case granted
        /// nil, message, errno
        case file
        /// nil, message
        case module
        /// nil, code, message
        case coded
        /// nil, a table of code and message
        case error
    }

    /// Spelled out for each operation: a new one has to decide.
    var untrustedAnswer: UntrustedAnswer {
        switch self {
        case .openFile, .removeFile, .renameFile: .file
        case .module: .module
        case .csvOpen, .csvCreate, .csvAppend, .mailSend, .runProgram, .readSecret: .coded
        case .httpSend: .error
        // These are granted as far as `RecordedLinks.isOwnOnly` goes.
        case .create, .get, .wait, .groupAdd, .groupNext, .groupClose, .find, .list, .once, .onceEnd, .onceLeave,
            .followUp, .watchNext, .watchDone:
            .granted
        // Nothing is open on which these could work; no variable is given.
        case .csvChoose, .csvNext, .csvClose, .csvWrite, .csvFinish, .csvDiscard, .environment: .granted
        case .amountProblem, .cancel, .log, .qr, .exitStatus, .facts, .reference, .prelude, .benchCall, .ignored,
            .sleep, .join, .joinAny, .benchWait, .moduleWait, .moduleDone:
            .granted
        }
    }
}

extension ScriptHost {
    /// How to refuse an operation to a script that runs untrusted; `nil`: it may be done.
    func untrustedRefusal(of operation: Operation) -> ((LuaWriter) -> Void)? {
        guard options.isUntrusted, operation.untrustedAnswer != .granted else { return nil }
        let message = UntrustedScript.refusal(operation.shown)
        return { reply in
            reply.null()
            switch operation.untrustedAnswer {
            case .granted, .module: reply.string(message)
            case .file:
                reply.string(message)
                reply.integer(Int64(EACCES))
            case .coded:
                reply.string("not_allowed" as StaticString)
                reply.string(message)
            case .error:
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

/// What messages say of scripts that run untrusted.
package enum UntrustedScript {
    static func refusal(_ what: String) -> String {
        "\(what) is not for this script: it runs with --untrusted, which leaves it computing, its arguments, "
            + "standard output and --max-links links"
    }
}
