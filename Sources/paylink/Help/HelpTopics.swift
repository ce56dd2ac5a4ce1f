// Topics of `paylink help` that are no command: what many commands have in common, told once.

import ArgumentParser
import Console

enum HelpTopics: String, CaseIterable {
    case options, errors
    case exitStatus = "exit-status"

    /// The topic that `paylink help TOPIC` asks for, if the words are that.
    init?(_ arguments: [String]) {
        guard arguments.count == 2, arguments[0] == "help", let topic = Self(rawValue: arguments[1]) else { return nil }
        self = topic
    }

    var text: String {
        switch self {
        case .options: Self.optionsText
        case .errors: Self.errorsText
        case .exitStatus: Self.statusesText
        }
    }

    private static var optionsText: String {
        """
        Options of every command that reaches the service or the ledger. Each comes
        before its variable, that before the settings files: paylink.toml beside the
        script, then ~/.config/paylink/config.toml.

        \(SharedOptions.list)

        The account: ONESHOT_USER_ID and ONESHOT_API_TOKEN, or the settings files; the
        token is never an option. A proxy: HTTPS_PROXY, ALL_PROXY, NO_PROXY. What is in
        force, and where it comes from: paylink doctor.
        """
    }

    private static var errorsText: String {
        let groups = ErrorCatalog.groups.map { group in
            group.title + "\n" + group.entries.map { row($0.code, $0.happened, names: 20) }.joined(separator: "\n")
        }
        return "Codes of failures, as err.code and in --json. paylink explain CODE says more.\n\n"
            + groups.joined(separator: "\n\n")
    }

    private static var statusesText: String {
        ExitStatusCatalog.all.map { row("\($0.status.rawValue)", $0.meaning, names: 5) }.joined(separator: "\n")
            + "\n\nA status that a script gives to os.exit is passed on as it is."
    }

    /// A name and what is said of it, in lines of 80 columns.
    private static func row(_ name: String, _ text: String, names width: Int) -> String {
        let lines = Wrapped.lines(text, columns: 80 - width - 2)
        let padding = String(repeating: " ", count: width + 2)
        let first = "  " + name + String(repeating: " ", count: max(1, width - name.count)) + (lines.first ?? "")
        return ([first] + lines.dropFirst().map { padding + $0 }).joined(separator: "\n")
    }
}

/// Text in lines of so many columns, broken between words.
enum Wrapped {
    static func lines(_ text: String, columns: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= columns {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}

/// The options that many commands share, for their text alone.
private struct SharedOptions: ParsableCommand {
    @OptionGroup var service: ServiceOptions

    static var list: String {
        let help = helpMessage(includeHidden: true, columns: 80)
        let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
        let options = lines.drop { $0 != "OPTIONS:" }.dropFirst()
        return options.prefix { !$0.hasPrefix("  -h, --help") }.joined(separator: "\n")
    }
}
