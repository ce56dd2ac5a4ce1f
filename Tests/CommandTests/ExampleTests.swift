// Every example of the documentation, run as its header says: standard output and exit status as stored beside it.

import Foundation
import Testing

@Suite struct ExampleTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("docs/examples")

    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".lua") }.sorted()
    }()

    @Test func thereAreExamples() {
        #expect(Self.names.count >= 4)
    }

    @Test(arguments: names) func printsWhatItsOutputFileHolds(_ name: String) async throws {
        let script = Self.folder.appendingPathComponent(name)
        let expected = try String(
            contentsOf: script.deletingPathExtension().appendingPathExtension("out"), encoding: .utf8)
        // In a copy: an example may write beside itself.
        let copy = try TemporaryFolder()
        let folder = copy.path + "/examples"
        try FileManager.default.copyItem(atPath: Self.folder.path, toPath: folder)
        let outcome = try await PaylinkProcess.run(
            ["run", "--sandbox", "--pay-after", "200ms", name], directory: folder)
        #expect(outcome.output == expected, "\(outcome.errors)")
        #expect(outcome.status == 0)
    }
}
