// Misspelt options that the argument parser does not get to: it reports a missing one first.

import ArgumentParser
import Console

enum UnknownOptions {
    /// A line for every option given that the command does not know and the message does not name.
    static func note(_ arguments: [String], _ message: String) -> String {
        guard let name = arguments.first,
            let command = Paylink.configuration.subcommands.first(where: { $0.configuration.commandName == name })
        else { return "" }
        // The options of a command that has commands of its own are theirs.
        let all =
            [command] + command.configuration.subcommands
            + command.configuration.subcommands.flatMap {
                $0.configuration.subcommands
            }
        let known = all.flatMap { names(in: Paylink.helpMessage(for: $0, includeHidden: true, columns: 10_000)) }
        var note = ""
        for argument in arguments.dropFirst() {
            if argument == "--" || (name == "run" && !argument.hasPrefix("-")) { break }
            guard argument.hasPrefix("--") else { continue }
            let given = String(argument.prefix { $0 != "=" })
            guard !known.contains(given), !message.contains("'\(given)'") || name == "run" else { continue }
            let near = known.min { distance($0, given) < distance($1, given) }
            let hint = near.flatMap { distance($0, given) <= 3 ? " (did you mean '\($0)'?)" : nil } ?? ""
            note += "'\(ShownText.line(given))' is no option of 'paylink \(name)'\(hint)\n"
        }
        return note
    }

    private static func names(in help: String) -> [String] {
        help.split { !($0.isLetter || $0 == "-") }.filter { $0.hasPrefix("--") && $0.count > 2 }.map(String.init)
    }

    /// Edits between two names.
    static func distance(_ a: String, _ b: String) -> Int {
        let a = Array(a.utf8), b = Array(b.utf8)
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let above = row[j + 1]
                row[j + 1] = Swift.min(above + 1, row[j] + 1, diagonal + (x == y ? 0 : 1))
                diagonal = above
            }
        }
        return row[b.count]
    }
}
