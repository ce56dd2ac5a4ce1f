// `paylink new` and `paylink types`: what they write passes `check` and `test`, and nothing of the user's is touched.

import Foundation
import TestSupport
import Testing

@Suite struct NewProjectTests {
    @Test func aProjectPassesItsOwnTestsAndTheCheck() async throws {
        let folder = try TemporaryFolder()
        let made = try await PaylinkProcess.run(["new", "my shop"], directory: folder.path)
        #expect(made.status == 0 && made.output.contains("cd 'my shop'"), "\(made)")
        let project = folder.path + "/my shop"
        let checked = try await PaylinkProcess.run(["check", "."], directory: project)
        #expect(checked.status == 0 && checked.errors.isEmpty, "\(checked)")
        let tested = try await PaylinkProcess.run(["test"], directory: project)
        #expect(tested.status == 0 && tested.output.contains("4 passed in "), "\(tested)")
        let run = try await PaylinkProcess.run(
            ["run", "--sandbox", "--pay-after", "50ms", "checkout.lua", "order-1", "12.50"], directory: project)
        #expect(run.status == 0 && run.output.contains("Paid: 12.50 USD"), "\(run)")
        let luarc =
            try JSONSerialization.jsonObject(
                with: Data(contentsOf: URL(fileURLWithPath: project + "/.luarc.json"))) as? [String: Any]
        #expect(luarc?["workspace.library"] as? [String] == [".paylink/types"])
        #expect(FileManager.default.fileExists(atPath: project + "/.paylink/types/paylink.lua"))
    }

    @Test func nothingIsOverwritten() async throws {
        let folder = try TemporaryFolder()
        try folder.write("notes.txt", "mine")
        for name in [".", "notes.txt"] {
            let outcome = try await PaylinkProcess.run(["new", name], directory: folder.path)
            #expect(outcome.status == 64 && outcome.errors.contains("nothing was written"), "\(outcome)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["notes.txt"])
    }

    @Test func whatCannotBeWrittenIsToldOf() async throws {
        let folder = try TemporaryFolder()
        try folder.write("file", "")
        let outcome = try await PaylinkProcess.run(["types", "file/types"], directory: folder.path)
        #expect(outcome.status == 74 && outcome.errors.contains("file"), "\(outcome)")
    }

    /// The files are Lua that any Lua can read, and say the same as the reference: each function with its options.
    @Test func theTypesAreLuaAndComplete() async throws {
        let folder = try TemporaryFolder()
        let outcome = try await PaylinkProcess.run(["types", "types"], directory: folder.path)
        #expect(outcome.status == 0, "\(outcome)")
        var text = ""
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/types").sorted()
        #expect(
            names == [
                "csv.lua", "http.lua", "json.lua", "log.lua", "mail.lua", "paylink.lua", "program.lua", "run.lua",
                "secret.lua",
                "spy.lua", "task.lua", "test.lua", "world.lua",
            ])
        for name in names {
            let one = try String(contentsOfFile: folder.path + "/types/" + name, encoding: .utf8)
            #expect(one.hasPrefix("---@meta"))
            text += one
            let loaded = try await PaylinkProcess.run(
                ["run", "-e", "assert(load(io.read('a'), 'types', 't'))"], input: one, directory: folder.path)
            #expect(loaded.status == 0, "\(name): \(loaded)")
        }
        for reference in ["lua-api", "test-api"] {
            let page = try String(
                contentsOf: Self.root.appendingPathComponent("docs/\(reference).md"), encoding: .utf8)
            for match in page.matches(of: /(?m)^### `([a-z_.]+)[({]/) {
                #expect(text.contains("\nfunction \(match.1)("), "\(match.1)")
            }
            for match in page.matches(of: /(?m)^\| `([a-z_]+)`/) {
                #expect(text.contains("---@field \(match.1)"), "\(match.1)")
            }
        }
        Self.checkNames(text)
    }

    /// Every type that is named is defined, or one of the language's own.
    private static func checkNames(_ text: String) {
        let defined = Set(text.matches(of: /(?m)^---@(?:class \(exact\)|alias) ([A-Za-z_.]+)/).map { String($0.1) })
        #expect(defined.count > 20)
        for match in text.matches(of: /(?m)^---@(?:field|param|return|overload|operator|alias) .*$/) {
            for name in match.0.matches(of: /\b(?:paylink|task|csv|http|program|mail|world|test)\.[A-Z][A-Za-z]+/) {
                #expect(defined.contains(String(name.0)), "\(name.0) in \(match.0)")
            }
        }
    }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
}
