// What each exit status means: one table for `paylink help exit-status`, `paylink explain 75` and the man pages.

enum ExitStatusCatalog {
    static let all: [(status: ExitStatus, meaning: String)] = [
        (.done, "Done; for wait: paid."),
        (.scriptFailed, "The script failed; a link was not found, was refused, or can no longer be paid."),
        (.usage, "Wrong usage; the message says what is expected."),
        (
            .badInput,
            "Input that cannot be used: rows, amounts, a key with other terms, a file that is no script; check found a mistake."
        ),
        (.unreachable, "The service cannot be reached, fails, or answers what cannot be used."),
        (.internalError, "Lua could not be started, or paylink has a fault."),
        (.inputOutput, "A file, the ledger or the output cannot be written or read."),
        (.unfinished, "Unfinished or in doubt: run it again, or see paylink ledger doubt list."),
        (.refused, "The credentials were refused."),
        (.configuration, "A setting is missing or cannot be, or a clock is wrong."),
        (.timeLimit, "A time limit was reached: --timeout, --max-busy, --max-runtime."),
        (.hungUp, "Ended by SIGHUP."),
        (.interrupted, "Ended by Ctrl-C (SIGINT)."),
        (.abandonedOutput, "Nobody reads the output any more, as behind | head."),
        (.terminated, "Ended by SIGTERM."),
    ]

    static func meaning(_ number: Int32) -> String? { all.first { $0.status.rawValue == number }?.meaning }
}
