// `paylink ledger sync`: one look at every open link, so that the ledger says what the service says.

import ArgumentParser
import Batch
import JSON
import OneShotPay
import Recorder
import Scripting

struct LedgerSyncCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Look at every open link of this account, and record what is seen.",
        usage: "paylink ledger sync [<options>]",
        discussion: """
            Nothing is followed up: `paylink watch` does that, with what is recorded here as well.

            Exit status: 0 every open link was seen, 75 some were not (run it again), 69 the service could not be \
            reached, 74 what was seen could not be recorded.

            Example:
              paylink ledger sync && paylink ledger export --totals --paid-since 1d

            \(ServiceOptions.hint)
            """)

    @OptionGroup(visibility: .hidden) var service: ServiceOptions
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        let progress = ProgressReporter(ProgressReporter.Mode.custom == .terminal ? .terminal : .silent)
        let call: (outcome: Result<SyncSummary, LinkFailure>, signal: ExitStatus?) = try ServiceSession.call(
            service, command: "ledger sync", saysWhenSlow: false
        ) { links, done in
            LedgerSync(links) { summary in
                progress.update(
                    BatchProgress(.looking, done: summary.seen, total: summary.total, failures: summary.unseen))
            } _: {
                done($0)
            }.begin()
        }
        progress.clear()
        switch call.outcome {
        case .failure(let failure):
            Terminal.message("\(failure)")
            throw call.signal?.code ?? ExitStatus.of(failure).code
        case .success(let summary):
            guard Terminal.output(json ? SyncText.json(summary) : SyncText.plain(summary)) else {
                Terminal.message("standard output could not be written")
                throw ExitStatus.inputOutput.code
            }
            if let problem = summary.problem { Terminal.message("\(summary.unseen) not seen: \(problem)") }
            if summary.changed > 0, !json {
                Terminal.message("nothing was followed up: paylink watch does that, and finds what was recorded here")
            }
            let status = call.signal ?? ExitStatus.of(summary)
            if status != .done { throw status.code }
        }
    }
}

/// What a sync found, in words and as JSON.
enum SyncText {
    static func plain(_ summary: SyncSummary) -> String {
        var parts = [
            "\(summary.paid) paid", "\(summary.underpaid) underpaid", "\(summary.expired) expired",
            "\(summary.open) still open", "\(summary.unseen) not seen",
        ]
        // They are rare: told where there are any.
        if summary.archived > 0 { parts.insert("\(summary.archived) archived", at: 3) }
        if summary.ignored > 0 { parts.insert("\(summary.ignored) ignored by the payer", at: 3) }
        return "\(summary.total) open link\(summary.total == 1 ? "" : "s"): " + parts.joined(separator: ", ")
    }

    static func json(_ summary: SyncSummary) -> String {
        let writer = JSONWriter()
        writer.beginObject()
        for (name, count) in [
            ("links", summary.total), ("paid", summary.paid), ("underpaid", summary.underpaid),
            ("expired", summary.expired), ("archived", summary.archived), ("ignored", summary.ignored),
            ("open", summary.open), ("unseen", summary.unseen),
        ] {
            writer.key(name)
            writer.int(Int64(count))
        }
        writer.endObject()
        return writer.string
    }
}
