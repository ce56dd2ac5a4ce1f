// The operations that the prelude can ask of the host: name, whether it waits.

/// One host function. The raw value is its number at the border.
enum Operation: UInt32, CaseIterable {
    // Answered at once.
    case money = 1, moneyText, cancel, log, jsonEncode, jsonDecode, qr, module, environment, exitStatus, duration
    case groupAdd, groupClose, arguments, reference, prelude, offersBench, benchCall
    // Suspend the task.
    case create, get, wait, sleep, join, joinAny, groupNext, benchWait

    /// The field of the prelude's `host` table.
    var name: String {
        switch self {
        case .moneyText: "money_text"
        case .jsonEncode: "json_encode"
        case .jsonDecode: "json_decode"
        case .exitStatus: "exit_status"
        case .groupAdd: "group_add"
        case .groupClose: "group_close"
        case .joinAny: "join_any"
        case .groupNext: "group_next"
        case .offersBench: "offers_bench"
        case .benchCall: "bench_call"
        case .benchWait: "bench_wait"
        default: "\(self)"
        }
    }

    /// What a message calls it.
    var shown: String {
        switch self {
        case .create: "paylink.create"
        case .get: "paylink.get"
        case .wait: "paylink.wait"
        case .groupNext: "paylink.wait_each"
        case .sleep: "sleep"
        case .join: "handle:join"
        case .joinAny: "task.any"
        default: name
        }
    }

    var waits: Bool { rawValue >= Operation.create.rawValue }
}
