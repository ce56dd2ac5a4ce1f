// The operations that the prelude can ask of the host: name, whether it waits.

/// One host function. The raw value is its number at the border.
enum Operation: UInt32, CaseIterable {
    // Answered at once.
    case amountProblem = 1, cancel, log, qr, module, moduleDone, environment, exitStatus
    case groupAdd, groupClose, facts, reference, prelude, benchCall, onceLeave
    case csvOpen, csvChoose, csvNext, csvClose, csvCreate, csvWrite, csvFinish, csvDiscard
    case followUp, watchDone, openFile, removeFile, renameFile, ignored
    // Suspend the task.
    case create, get, wait, sleep, join, joinAny, groupNext, benchWait, find, list, once, onceEnd
    case httpSend, mailSend, runProgram, readSecret, csvAppend, watchNext, moduleWait

    /// The field of the prelude's `host` table. Spelled out: asking the runtime for a case's name is a third of
    /// the time that an empty script takes.
    var name: String {
        switch self {
        case .amountProblem: "amount_problem"
        case .cancel: "cancel"
        case .log: "log"
        case .qr: "qr"
        case .module: "module"
        case .moduleDone: "module_done"
        case .moduleWait: "module_wait"
        case .environment: "environment"
        case .exitStatus: "exit_status"
        case .groupAdd: "group_add"
        case .groupClose: "group_close"
        case .facts: "facts"
        case .reference: "reference"
        case .prelude: "prelude"
        case .benchCall: "bench_call"
        case .create: "create"
        case .get: "get"
        case .wait: "wait"
        case .sleep: "sleep"
        case .join: "join"
        case .joinAny: "join_any"
        case .groupNext: "group_next"
        case .benchWait: "bench_wait"
        case .onceLeave: "once_leave"
        case .find: "find"
        case .list: "list"
        case .once: "once"
        case .onceEnd: "once_end"
        case .csvOpen: "csv_open"
        case .csvChoose: "csv_choose"
        case .csvNext: "csv_next"
        case .csvClose: "csv_close"
        case .csvCreate: "csv_create"
        case .csvWrite: "csv_write"
        case .csvFinish: "csv_finish"
        case .csvDiscard: "csv_discard"
        case .followUp: "follow_up"
        case .openFile: "open_file"
        case .removeFile: "remove_file"
        case .renameFile: "rename_file"
        case .ignored: "ignored"
        case .httpSend: "http_send"
        case .mailSend: "mail_send"
        case .runProgram: "run_program"
        case .readSecret: "read_secret"
        case .csvAppend: "csv_append"
        case .watchDone: "watch_done"
        case .watchNext: "watch_next"
        }
    }

    /// What a message calls it.
    var shown: String {
        switch self {
        case .create: "paylink.create"
        case .get: "paylink.get"
        case .wait: "paylink.wait"
        case .groupNext: "paylink.wait_each"
        case .find: "paylink.find"
        case .list: "paylink.links"
        case .once, .onceEnd: "paylink.once"
        case .sleep: "sleep"
        case .join: "handle:join"
        case .joinAny: "task.any"
        case .httpSend: "http.request"
        case .mailSend: "mail.send"
        case .runProgram: "program.run"
        case .readSecret: "secret"
        case .csvAppend: "csv.append"
        case .csvOpen: "csv.rows"
        case .csvCreate: "csv.writer"
        case .openFile: "io.open"
        case .removeFile: "os.remove"
        case .renameFile: "os.rename"
        case .moduleWait: "require"
        default: name
        }
    }

    var waits: Bool { rawValue >= Operation.create.rawValue }

    /// Whether nothing comes back: a script's own process does not wait for the host then.
    var tells: Bool {
        switch self {
        case .log, .ignored, .exitStatus, .cancel, .reference, .groupClose, .onceLeave, .csvClose, .csvDiscard,
            .watchDone:
            true
        default: false
        }
    }
}
