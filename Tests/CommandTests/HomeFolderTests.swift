// A script whose own folder or working directory is the home folder: that is told, once, with what to do.

import Foundation
import TestSupport
import Testing

@Suite struct HomeFolderTests {
    private func warnings(_ arguments: [String], home: String?, in directory: String) async throws -> [String] {
        let outcome = try await PaylinkProcess.run(
            arguments, environment: home.map { ["HOME": $0] } ?? [:], directory: directory)
        #expect(outcome.status == 0, "\(outcome)")
        return outcome.errors.split(separator: "\n").map(String.init).filter { $0.contains("home folder") }
    }

    @Test func aScriptThatHasTheWholeHomeIsToldOf() async throws {
        let home = try TemporaryFolder(), other = try TemporaryFolder()
        let script = try home.write("mug.lua", "print(1) print(2)")
        let elsewhere = try other.write("mug.lua", "print(1)")
        try other.write("x", "")
        try FileManager.default.createSymbolicLink(atPath: other.path + "/home", withDestinationPath: home.path)
        for (arguments, directory, words) in [
            (["run", "-e", "print(1)"], home.path, "working directory is your home folder"),
            (["run", elsewhere], home.path, "working directory is your home folder"),
            (["run", elsewhere], other.path + "/home", "working directory is your home folder"),
            (["run", script], other.path, "lies in your home folder"),
            (["run", script], home.path, "lies in your home"),
            (["run", "mug.lua"], home.path, "working directory is your home folder"),
        ] {
            let told = try await warnings(arguments, home: home.path, in: directory)
            #expect(
                told.count == 1 && told[0].contains(words) && told[0].contains("--untrusted"), "\(arguments): \(told)")
        }
    }

    @Test func otherwiseNothingIsSaid() async throws {
        let home = try TemporaryFolder(), other = try TemporaryFolder()
        let script = try other.write("mug.lua", "print(1)")
        #expect(try await warnings(["run", script], home: home.path, in: other.path).isEmpty)
        #expect(try await warnings(["run", script], home: nil, in: other.path).isEmpty)
        #expect(try await warnings(["run", script], home: "/", in: "/").isEmpty)
        #expect(try await warnings(["run", "--untrusted", script], home: other.path, in: other.path).isEmpty)
    }
}
