// What a shell may complete besides commands and options: keys of the ledger, jobs, scripts. Never a message, never a new
// file: a completion that has nothing to offer offers nothing.

import ArgumentParser
import Console
import Cron
import Ledger
import Recorder
import Settings

enum Candidates {
    /// As many as a person would look through.
    private static let most = 200

    static let scripts = CompletionKind.file(extensions: ["lua"])

    static let keys = CompletionKind.custom { _, _, prefix in
        var query = LinkQuery()
        query.keyPrefix = prefix
        query.limit = most
        let found = try? ledger().links(query)
        var seen: Set<String> = []
        return (found ?? []).compactMap(\.key).filter { seen.insert($0).inserted && ShellWord.quoted($0) == $0 }
    }

    static let jobs = CompletionKind.custom { _, _, prefix in
        guard let program = try? CrontabProgram(), let text = try? program.read(),
            let crontab = try? Crontab(parsing: text)
        else { return [] }
        return crontab.jobs.map(\.name).filter { $0.hasPrefix(prefix) }
    }

    /// The ledger of the settings, if there is one.
    private static func ledger() throws -> any LedgerStore {
        var settings = ServiceSettings(ledger: nil, choice: SettingsChoice(config: nil, profile: nil))
        try settings.load(beside: ".")
        return try settings.ledgerLocation().place.open(
            scope: nil, run: RunDescription(command: "completion"), creates: false, words: .commands)
    }
}
