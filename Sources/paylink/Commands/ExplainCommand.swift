// `paylink explain`: what a code or an exit status means, and what to do.

import ArgumentParser
import Console

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say what an error's code or an exit status means, and what to do.",
        discussion: """
            Examples:
              paylink explain key_reused
              paylink explain 75

            All of them: paylink help errors, paylink help exit-status.
            """)

    @Argument(
        help: ArgumentHelp("A code, as err.code has it, or a number.", valueName: "code"),
        completion: .list(ErrorCatalog.all.map(\.code)))
    var code: String

    func run() throws {
        guard let text = Self.text(code) else {
            let near = Self.nearest(code).map { " (did you mean '\($0)'?)" } ?? ""
            Terminal.message("there is no code '\(ShownText.line(code))'\(near); paylink help errors lists them all")
            throw ExitStatus.usage.code
        }
        guard Terminal.output(text) else { throw Terminal.lostOutput().code }
    }

    static func text(_ code: String) -> String? {
        if let number = Int32(code) {
            return ExitStatusCatalog.meaning(number).map { paragraph("Exit status \(number): \($0)") }
        }
        guard let entry = ErrorCatalog.entry(code) else { return nil }
        let status = "A command ends with status \(entry.status.rawValue), as does a script that dies of it."
        return [entry.code + ": " + entry.happened, entry.advice, status].map(paragraph).joined(separator: "\n\n")
    }

    private static func paragraph(_ text: String) -> String {
        Wrapped.lines(text, columns: 80).joined(separator: "\n")
    }

    private static func nearest(_ code: String) -> String? {
        let near = ErrorCatalog.all.map(\.code).min {
            UnknownOptions.distance($0, code) < UnknownOptions.distance($1, code)
        }
        return near.flatMap { UnknownOptions.distance($0, code) <= 3 ? $0 : nil }
    }
}
