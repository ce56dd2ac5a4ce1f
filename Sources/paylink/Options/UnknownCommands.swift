// Misspelt commands: which one may have been meant.

import ArgumentParser
import Console

enum UnknownCommands {
    /// A line for the first word that names no command although it stands where one is due; empty if there is none.
    static func note(_ arguments: [String]) -> String {
        var command: any ParsableCommand.Type = Paylink.self
        var path = "paylink"
        for argument in arguments {
            let known = command.configuration.subcommands
            guard !known.isEmpty, !argument.hasPrefix("-"), argument != "help" else { return "" }
            let names = known.map { name(of: $0) }
            guard let index = names.firstIndex(of: argument) else { return suggestion(argument, names, path) }
            command = known[index]
            path += " " + argument
        }
        return ""
    }

    private static func suggestion(_ given: String, _ names: [String], _ path: String) -> String {
        let begun = names.filter { given.count > 1 && $0.hasPrefix(given) }
        let near = names.min { UnknownOptions.distance($0, given) < UnknownOptions.distance($1, given) } ?? ""
        guard begun.count == 1 || UnknownOptions.distance(near, given) <= (given.count < 4 ? 1 : 2) else { return "" }
        let meant = begun.count == 1 ? begun[0] : near
        return "'\(ShownText.line(given))' is no command of '\(path)' (did you mean '\(path) \(meant)'?)\n"
    }

    /// What it is called on the command line.
    private static func name(of command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? "\(command)".lowercased()
    }
}
