// Scripts that run are told no error: the examples, the reference's, and the Lua files of tests and benchmarks.

import Testing

@testable import ScriptCheck

@Suite struct FalseAlarmTests {
    /// The top of the repository.
    static let project = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

    @Test func tellsNothingOfTheExamples() {
        let files = CheckedScripts.luaFiles(Self.project + "/docs/examples")
        #expect(files.count > 5)
        for file in files where !file.hasSuffix("_test.lua") {
            let found = CheckedScripts.checked(CheckedScripts.read(file) ?? []).diagnostics
            #expect(found.isEmpty, "\(file): \(found)")
        }
    }

    /// The scripts of the benchmarks and the tests. Some get globals from whoever runs them.
    @Test func tellsNoErrorOfScriptsThatRun() {
        var surroundings = ScriptSurroundings()
        surroundings.assignedGlobals = ["bench", "stock", "differential"]
        let files =
            CheckedScripts.luaFiles(Self.project + "/scripts") + CheckedScripts.luaFiles(Self.project + "/Tests")
        #expect(files.count > 10)
        for file in files
        where !file.hasSuffix("links_wrk.lua") && !file.hasSuffix("_test.lua") && !file.contains("/Mistakes/") {
            let found = CheckedScripts.checked(CheckedScripts.read(file) ?? [], surroundings: surroundings)
            #expect(!found.hasErrors, "\(file): \(found.diagnostics)")
        }
    }

    /// Every example of the reference.
    @Test func tellsNothingOfTheReference() {
        let text = String(decoding: CheckedScripts.read(Self.project + "/docs/lua-api.md") ?? [], as: UTF8.self)
        var examples: [String] = []
        var example: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "```lua" {
                example = ""
            } else if line == "```" {
                if let whole = example { examples.append(whole) }
                example = nil
            } else {
                example? += line + "\n"
            }
        }
        #expect(examples.count > 10)
        for example in examples {
            let found = CheckedScripts.check(example)
            #expect(found.isEmpty, "\(example): \(found)")
        }
    }
}
