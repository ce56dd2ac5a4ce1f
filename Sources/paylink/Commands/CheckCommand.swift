// `paylink check`: what is wrong with scripts, without running them.

import ArgumentParser
import Console
import JSON
import ScriptCheck
import Scripting

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Find mistakes in scripts without running them.",
        discussion: """
            Syntax, undeclared names, unknown names and options of the API, options that are missing or of the wrong type, \
            modules that are not there; and as warnings what is unused, unreachable, or fails only sometimes. An error is \
            something that fails whenever it is executed. A folder means every .lua file below it.

            Examples:
              paylink check checkout.lua
              paylink check scripts tests --json

            Exit status: 0 without an error, 65 with one.
            """)

    @Flag(help: "Print a JSON array of all findings to standard output.")
    var json = false

    @Argument(help: "Files and folders; - for standard input.", completion: Candidates.scripts)
    var paths: [String]

    func run() throws {
        var files: [String]
        do throws(TestFiles.Problem) {
            files = try TestFiles.find(paths.filter { $0 != "-" }, where: { $0.hasSuffix(".lua") })
        } catch {
            Terminal.message(error.message)
            throw ExitStatus.usage.code
        }
        if paths.contains("-") { files.append("-") }
        let check = try ScriptChecker()
        let findings = files.flatMap { file in
            do throws(ScriptFile.Problem) { return check(try ScriptFile.load(file)).findings } catch {
                return [ScriptChecker.Finding(file: file, unusable: error.message)]
            }
        }
        if json {
            guard Terminal.output(Self.json(findings)) else { throw Terminal.lostOutput().code }
        } else {
            Terminal.write(findings.map { Self.line($0) + "\n" }.joined())
        }
        if findings.contains(where: { $0.diagnostic.severity == .error }) { throw ExitStatus.badInput.code }
    }

    /// `checkout.lua:12:3: error: …`, as compilers say it.
    static func line(_ finding: ScriptChecker.Finding) -> String {
        let said = finding.diagnostic
        return ShownText.line(
            "\(finding.file):\(said.line):\(said.column): \(said.severity.rawValue): \(said.message)")
    }

    private static func json(_ findings: [ScriptChecker.Finding]) -> String {
        let json = JSONWriter()
        json.beginArray()
        for finding in findings {
            json.beginObject()
            for (key, text) in [
                ("file", finding.file), ("severity", finding.diagnostic.severity.rawValue),
                ("code", finding.diagnostic.code.rawValue), ("message", finding.diagnostic.message),
            ] {
                json.key(key)
                json.string(text)
            }
            json.key("line" as StaticString)
            json.int(Int64(finding.diagnostic.line))
            json.key("column" as StaticString)
            json.int(Int64(finding.diagnostic.column))
            json.endObject()
        }
        json.endArray()
        return json.string
    }
}
