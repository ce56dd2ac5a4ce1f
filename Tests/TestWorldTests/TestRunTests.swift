// Tests of scripts, as `paylink test` runs them: each script under Scripts is a file of tests whose verdicts are known.

import Glibc
import Scripting
import Testing

@testable import TestWorld

@Suite struct TestRunTests {
    private static let folder = #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/Scripts"

    private static func read(_ path: String) throws(WorldFailure) -> ScriptSource {
        guard let file = fopen(path, "r") else { throw WorldFailure("cannot open \(path)") }
        defer { fclose(file) }
        var text: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&block, 1, block.count, file), count > 0 { text += block[..<count] }
        return ScriptSource(text: text, name: path, directory: folder, isFile: true)
    }

    private static var settings: TestWorld.Settings {
        var settings = TestWorld.Settings { path throws(WorldFailure) in try read(path) }
        settings.exitStatus = { result in
            switch result {
            case .finished(let status): status
            case .failed: 1
            case .stopped: 130
            }
        }
        return settings
    }

    private static func run(_ file: String) throws -> [(name: String, report: TestReport)] {
        let source = try read("\(folder)/\(file)")
        return try TestRun.list(source, settings).map {
            ($0.name, TestRun.run(source, $0, settings, limit: .seconds(60)))
        }
    }

    /// Every test of these passes.
    @Test(arguments: [
        "checkout_test.lua", "world_test.lua", "watch_test.lua", "batch_test.lua", "surroundings_test.lua",
    ])
    func passes(file: String) throws {
        let results = try Self.run(file)
        #expect(results.count >= 3)
        for (name, report) in results {
            #expect(report.state == .passed, "\(name): \(report.verdict.message) \(report.problems) \(report.scripts)")
        }
    }

    /// Each test's name begins with the state that it ends in, and says in quotes what its message holds.
    @Test func fails() throws {
        let results = try Self.run("failing_test.lua")
        #expect(results.count >= 8)
        for (name, report) in results {
            #expect(name.hasPrefix(report.state.rawValue), "\(name): \(report)")
            let parts = name.split(separator: "'")
            let said = ([report.verdict.message] + report.problems).joined(separator: "\n")
            if parts.count > 1 { #expect(said.contains(parts[1]), "\(name): \(said)") }
        }
    }

    @Test func threeDaysCostAFewLooks() throws {
        let source = try Self.read(Self.folder + "/checkout_test.lua")
        let test = try #require(try TestRun.list(source, Self.settings).first)
        let report = TestRun.run(source, test, Self.settings, limit: .seconds(60))
        #expect(report.worldSeconds > 3 * 86_400)
        #expect(report.state == .passed)
    }

    /// The same seed gives the same world; another one another.
    @Test func aSeedDecidesEverything() throws {
        let source = try Self.read(Self.folder + "/seed_test.lua")
        func output(_ seed: UInt64) throws -> String {
            var settings = Self.settings
            settings.seed = seed
            let test = try #require(try TestRun.list(source, settings).first)
            return TestRun.run(source, test, settings, limit: .seconds(60)).output
        }
        let first = try output(1)
        #expect(!first.isEmpty)
        #expect(try output(1) == first)
        #expect(try output(2) != first)
    }

    @Test func theReferenceInDocsIsTheOneOfTheDefinitions() throws {
        let path = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/docs/test-api.md"
        let stored = String(decoding: try Self.read(path).text, as: UTF8.self)
        #expect(try TestReference.markdown() + "\n" == stored, "run: paylink reference --tests > docs/test-api.md")
    }

    /// A thousand tests take no more memory than one: every world goes, whatever its scripts were at.
    @Test(arguments: [
        "checkout_test.lua", "world_test.lua", "watch_test.lua", "batch_test.lua", "surroundings_test.lua",
        "failing_test.lua",
    ])
    func nothingIsLeftOfAWorld(file: String) throws {
        let source = try Self.read("\(Self.folder)/\(file)")
        for test in try TestRun.list(source, Self.settings) {
            let left = Left()
            var settings = Self.settings
            settings.whenClosing = { left.note($0) }
            _ = TestRun.run(source, test, settings, limit: .seconds(60))
            #expect(left.isSeen)
            #expect(left.world == nil, "\(test.name): its world")
            #expect(left.hosts == 0, "\(test.name): hosts of its scripts")
        }
    }

    @Test func manyAtOnceAreToldInOrder() throws {
        let source = try Self.read(Self.folder + "/checkout_test.lua")
        var options = TestSession.Options()
        options.jobs = 4
        let session = TestSession(Self.settings, options)
        let (cases, unusable) = session.plan([source, source, source])
        #expect(unusable.isEmpty)
        let told = Told()
        session.run(cases) { one, report in told.add("\(one.test.number) \(report.state.rawValue)") }
        #expect(told.names == cases.map { "\($0.test.number) passed" })
    }

    private final class Left: @unchecked Sendable {
        // Safe because: a test runs on one thread.
        private final class Weak {
            weak var host: ScriptHost?
            init(_ host: ScriptHost?) { self.host = host }
        }

        weak var world: TestWorld?
        private var seen: [Weak] = []
        private(set) var isSeen = false
        var hosts: Int { seen.count { $0.host != nil } }

        func note(_ world: TestWorld) {
            self.world = world
            isSeen = true
            seen = world.processes.map { Weak($0.host) }
        }
    }

    private final class Told: @unchecked Sendable {
        // Safe because: a session tells of one result after the other, under its lock.
        private(set) var names: [String] = []
        func add(_ name: String) { names.append(name) }
    }
}
