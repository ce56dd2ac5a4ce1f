// Every `err.code` that a script, a batch or `--json` may show: what happened, and what to do. One table, from which come
// `paylink explain`, `paylink help errors`, docs/errors.md and the enumeration in the files of `paylink types`.

import Recorder

struct ErrorEntry {
    var code: String
    /// One sentence.
    var happened: String
    var advice: String

    init(_ code: String, _ happened: String, _ advice: String) {
        self.code = code
        self.happened = happened
        self.advice = advice
    }

    /// How a command ends, or a script that died of it.
    var status: ExitStatus { ErrorCode(name: code).map { ExitStatus.of($0) } ?? .scriptFailed }
}

enum ErrorCatalog {
    struct Group {
        var title: String
        var entries: [ErrorEntry]
    }

    static let groups = [payment, terms, service, record, files, http, mail, others]

    static var all: [ErrorEntry] { groups.flatMap(\.entries) }

    static func entry(_ code: String) -> ErrorEntry? { all.first { $0.code == code } }

    /// docs/errors.md.
    static var markdown: String {
        let tables = groups.map { group in
            let rows = group.entries.map { "| `\($0.code)` | \($0.happened) | \($0.advice) | \($0.status.rawValue) |" }
            return "## \(group.title)\n\n| code | what happened | what to do | status |\n|---|---|---|---|\n"
                + rows.joined(separator: "\n")
        }
        return """
            # Errors

            Written by `paylink reference --errors`. A code is `err.code` in a script, and `error.code` with `--json`; the status is \
            that of a command, or of a script that dies of the error. `paylink explain CODE` shows the same.


            """ + tables.joined(separator: "\n\n")
    }

    private static let payment = Group(
        title: "A link that was not paid",
        entries: [
            ErrorEntry(
                "expired", "The link's time passed and nobody had paid.",
                "A payment may still arrive late: paylink watch follows the link for another 24 hours. To offer the order again use another key, or paylink create --reissue."
            ),
            ErrorEntry(
                "underpaid", "Something was paid, but less than the amount.",
                "err.link.payment.amount came, err.link.missing lacks. err.payable says whether the rest can still be paid; nothing is followed up as paid until then. Settle with the customer, or refund by hand."
            ),
            ErrorEntry(
                "timeout", "The time that the call was given was over first.",
                "A wait: the link may still be paid (err.payable); wait again, or let paylink watch follow it. A request: see err.sent, and give it more time."
            ),
            ErrorEntry(
                "unreachable", "The service was never seen during the wait, which says nothing of the customer.",
                "Wait again once paylink doctor reaches the service; the link stays in the ledger."),
            ErrorEntry(
                "archived", "The link was archived, unpaid.",
                "It cannot be paid any more. Offer the order under another key if it still stands."),
            ErrorEntry(
                "ignored", "The payer named in the link dismissed it.",
                "Ask the customer. Offer the order under another key if it still stands."),
            ErrorEntry(
                "expired_on_arrival", "The link was made, but its time was over when it came back.",
                "This machine's clock is wrong, or the time is too short: paylink doctor compares the clocks. Prefer expires_in to expires_at."
            ),
        ])

    private static let terms = Group(
        title: "Terms, keys and limits",
        entries: [
            ErrorEntry(
                "invalid_request", "A value is malformed; nothing was sent.",
                "err.field names the option. Amounts are decimal strings with at most 6 decimals, such as \"12.50\"."),
            ErrorEntry(
                "key_reused", "The key belongs to a link with other terms.",
                "One key stands for one link. Give the terms that the message shows, or use another key: an order that changed is another order."
            ),
            ErrorEntry(
                "in_doubt", "A request was cut off, or a follow-up broke off, and nobody knows what came of it.",
                "Look whether it happened, then say so: paylink ledger doubt list, and paylink ledger doubt resolve KEY with --link, --retry, --abandon or --happened."
            ),
            ErrorEntry(
                "unreadable_reply", "The service says that it made a link, and its reply cannot be read.",
                "Nothing is sent again. Find the link in the service's own list, then: paylink ledger doubt resolve KEY --link ID."
            ),
            ErrorEntry(
                "busy", "Another process has been making this link, or writing this file, for too long.",
                "Run it again."),
            ErrorEntry(
                "abandoned", "A person gave this key up.",
                "Use another key, or take it back: paylink ledger doubt resolve KEY --retry."),
            ErrorEntry(
                "limit_reached", "This run may make no more links, or ask for no more money.",
                "--max-links and --max-total are the limits. What was made stays; run it again with higher ones."),
            ErrorEntry("dry_run", "A dry run does nothing.", "Run it without --dry-run."),
        ])

    private static let service = Group(
        title: "The service and the way to it",
        entries: [
            ErrorEntry(
                "unauthorized", "The credentials were refused.",
                "Check ONESHOT_USER_ID and ONESHOT_API_TOKEN: paylink doctor shows where they come from and tries them."
            ),
            ErrorEntry(
                "not_found", "There is no such link, key, payment or secret.", "Check the name; the message says which."
            ),
            ErrorEntry(
                "rate_limited", "The service asked to slow down for longer than the call had time.",
                "Try again after err.retry_after seconds, with less at once (--rate, --concurrency)."),
            ErrorEntry(
                "rejected", "The service refused the request (4xx).",
                "The message holds what it said; the same request will be refused again."),
            ErrorEntry(
                "server_error", "The service failed (5xx).",
                "Try again later. A create is never sent twice blindly: the ledger knows."),
            ErrorEntry(
                "resolve_failed", "The host's name was not found; nothing was sent.",
                "Check the address and the network."),
            ErrorEntry(
                "connect_failed", "No connection could be made; nothing was sent.",
                "Check the network, the proxy (HTTPS_PROXY) and whether the host is up."),
            ErrorEntry(
                "tls_failed", "The certificate or the encryption was not accepted; nothing was sent.",
                "A certificate of your own needs --ca-file. A wrong clock makes valid certificates look expired."),
            ErrorEntry(
                "connection_lost", "The connection broke after the request was sent.",
                "It may have been carried out: see err.sent."),
            ErrorEntry(
                "bad_reply", "A success with a reply that cannot be used.",
                "A proxy or gateway may have answered: the message shows what came."),
            ErrorEntry(
                "reply_too_large", "The reply is longer than is taken.",
                "max_body allows up to 16 MiB in http; the service's own replies are never so long."),
            ErrorEntry(
                "redirect_refused", "The address redirects to where the request must not go.",
                "Give the address that it leads to (--base-url), or redirects = N in http."),
            ErrorEntry(
                "invalid_configuration", "A setting cannot be.",
                "The message names it; paylink doctor shows where each comes from."),
            ErrorEntry(
                "cancelled", "The task was ended while it waited.", "Nothing needs to be done: what was recorded stays."
            ),
            ErrorEntry("shut_down", "The run is ending, and takes nothing new.", "Run it again."),
        ])

    private static let record = Group(
        title: "The ledger",
        entries: [
            ErrorEntry(
                "ledger_busy", "Another process kept the ledger for too long, or its server was away.",
                "Run it again; a backup or a slow disk may be in the way."),
            ErrorEntry(
                "ledger_full", "The disk or the quota is full.",
                "Make room, then run it again: nothing that was recorded is lost."),
            ErrorEntry(
                "ledger_read_only", "The ledger may not be written.",
                "Check the file's owner and mode, and the file system; or name another with --ledger."),
            ErrorEntry(
                "ledger_corrupt", "The file is damaged, or no ledger.",
                "Keep it. Take the last backup (paylink ledger backup makes them) and run paylink ledger sync."),
            ErrorEntry("ledger_newer", "A newer paylink made this ledger.", "Use that version."),
            ErrorEntry(
                "ledger_replaced", "The file was moved, deleted or replaced while it was in use.",
                "Put it back, and run it again."),
            ErrorEntry(
                "ledger_misconfigured",
                "The ledger's server cannot be used as it is given: address, role, password, rights, certificate, schema.",
                "The message says which; paylink ledger init makes the schema, paylink doctor looks at the server."),
            ErrorEntry(
                "ledger_failed", "The disk failed, the file cannot be opened, or the server cannot be reached.",
                "The message holds what the system said."),
        ])

    private static let files = Group(
        title: "Files and tables",
        entries: [
            ErrorEntry(
                "file_failed", "A file could not be read or written.",
                "The message holds the path and what the system said."),
            ErrorEntry(
                "not_allowed", "The script has no right to this file, host, program or address.",
                "The message names the option that allows it: --allow-read, --allow-write, --allow-net, --allow-run, --allow-mail."
            ),
            ErrorEntry(
                "invalid_csv", "The file is no table that can be read or written.",
                "The message holds the line and the reason."),
            ErrorEntry("invalid_row", "A row cannot be read; the others can.", "err.line and err.column say where."),
            ErrorEntry(
                "invalid_amount", "A cell is no amount, or can be read in two ways.",
                "1.234 may be thousands or decimals: decimal = \".\" or \",\" (--decimal in a batch) says which."),
            ErrorEntry(
                "torn_file", "The last line of the file is not complete.",
                "Somebody else's write broke off: complete the line or remove it."),
            ErrorEntry("closed", "The writer was closed before.", "Open the file again."),
            ErrorEntry(
                "invalid_json", "A text is no JSON, or a value has no form in JSON.",
                "err.line and err.column say where."),
        ])

    private static let http = Group(
        title: "http",
        entries: [
            ErrorEntry(
                "http_status", "The server answered with a status that is no success.",
                "err.status and err.response hold what it said; any_status = true takes every reply.")
        ])

    private static let mail = Group(
        title: "mail",
        entries: [
            ErrorEntry(
                "invalid_mail", "An address, a header or an attachment cannot be.",
                "The message names it; nothing was sent."),
            ErrorEntry(
                "not_configured", "There is no mail server.",
                "Set PAYLINK_MAIL_SERVER, such as smtps://USER@HOST:465, or sendmail."),
            ErrorEntry(
                "mail_refused", "The mail server did not take the mail.",
                "The message holds what it said; err.retryable whether it may later."),
            ErrorEntry(
                "mail_failed", "The mail server could not be reached, or failed; the mail was not sent.",
                "Try again later."),
            ErrorEntry(
                "mail_in_doubt", "The connection broke at the very end: the mail may have been sent.",
                "Sending it again may deliver it twice."),
        ])

    private static let others = Group(
        title: "Secrets, programs and tasks",
        entries: [
            ErrorEntry("unreadable", "The secret's file could not be read.", "Check its owner and mode."),
            ErrorEntry("loose_mode", "The secret's file can be read by others.", "chmod 600 FILE."),
            ErrorEntry(
                "command_failed", "The command that gives the secret failed.",
                "Run it by hand; paylink doctor runs it, too."),
            ErrorEntry(
                "program_failed", "The program ended with a status other than 0, or by a signal.",
                "err.status, err.result.errors and err.result.output hold what it left."),
            ErrorEntry("failed", "A task died of an error that has no code of its own.", "The message is that error."),
            ErrorEntry("no_follow_up", "paylink watch ran a script that registers nothing.", "Call paylink.on in it."),
            ErrorEntry(
                "isolation_failed", "The process behind the second wall could not be started here.",
                "The message says what the system lacks; --isolation half runs with what there is."),
        ])
}
