// Checks script files as a command does: finds what they require, and knows the words of tests.

import Console
import Glibc
import NIOCore
import NIOPosix
import ScriptCheck
import Scripting
import TestWorld

/// One check for any number of files.
struct ScriptChecker {
    /// What is said of one file.
    struct Finding {
        var file: String
        var diagnostic: Diagnostic

        init(file: String, diagnostic: Diagnostic) {
            self.file = file
            self.diagnostic = diagnostic
        }

        /// A file that is no script.
        init(file: String, unusable reason: String) {
            self.init(
                file: file,
                diagnostic: Diagnostic(severity: .error, code: .syntaxError, line: 1, column: 1, message: reason))
        }
    }

    /// For files of tests, which find more. Made when the first is checked.
    private static let checkOfTests = Result {
        ScriptCheck(api: try APIDescription(parsing: try TestReference.description()))
    }

    private let check: ScriptCheck

    init() throws {
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        check = ScriptCheck(
            api: try APIDescription(parsing: try loop.submit { try APIReference.description(on: loop) }.wait()))
    }

    /// - Returns: the mistakes of a file in the order of their lines, and what it does.
    func callAsFunction(_ source: ScriptSource) -> (findings: [Finding], facts: ScriptFacts) {
        var text = source.text
        // Lua passes over the line of `#!`; it keeps its number.
        if text.first == UInt8(ascii: "#") { text = Array("--".utf8) + text }
        let isTest = TestFiles.isTest(source.name)
        let check = isTest ? (try? Self.checkOfTests.get()) ?? check : check
        let result = check(text) { Self.module($0, beside: source.directory) }
        return (result.diagnostics.map { Finding(file: source.name, diagnostic: $0) }, result.facts)
    }

    /// Before a script is run for long, or by nobody: its mistakes are told, and it is refused.
    /// - Parameter outcome: what has not come of it.
    /// - Throws: an exit code; all is told.
    static func accept(_ path: String, otherwise outcome: String) throws -> ScriptFacts {
        let source: ScriptSource
        do throws(ScriptFile.Problem) { source = try ScriptFile.load(path) } catch {
            Terminal.message(error.message)
            throw error.status.code
        }
        let (findings, facts) = try ScriptChecker()(source)
        let errors = findings.filter { $0.diagnostic.severity == .error }
        guard errors.isEmpty else {
            Terminal.write(errors.map { CheckCommand.line($0) + "\n" }.joined())
            Terminal.message("\(ShownText.line(path)) has mistakes, and \(outcome); paylink check finds them too")
            throw ExitStatus.badInput.code
        }
        return facts
    }

    private static func module(_ name: String, beside directory: String?) -> ScriptCheck.Module {
        let folder = directory ?? "."
        let relative = name.split(separator: ".").joined(separator: "/")
        let places = ["\(folder)/\(relative).lua", "\(folder)/\(relative)/init.lua"]
        for place in places where access(place, F_OK) == 0 {
            if let source = try? ScriptFile.load(place) { return .text(source.text) }
        }
        return .missing(places.joined(separator: " and "))
    }
}
