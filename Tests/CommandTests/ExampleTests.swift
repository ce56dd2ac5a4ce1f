// Every example of the documentation, run as its header says: standard output and exit status as stored beside it.

import Foundation
import TestSupport
import Testing

@Suite struct ExampleTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("docs/examples")

    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".lua") }.sorted()
    }()

    @Test func thereAreExamples() {
        #expect(Self.names.count >= 8)
    }

    /// The arguments of the command that an example's header shows.
    private func command(_ text: String, _ name: String) throws -> [String] {
        let line = try #require(
            text.split(separator: "\n").first { $0.hasPrefix("--   ") && $0.contains("paylink ") },
            "\(name) does not say how it is run")
        let command = line[(line.range(of: "paylink ")?.upperBound ?? line.endIndex)...]
        return command.split(separator: " ").map {
            $0.hasPrefix("docs/examples/") ? String($0.dropFirst("docs/examples/".count)) : String($0)
        }
    }

    @Test(arguments: names) func printsWhatItsOutputFileHolds(_ name: String) async throws {
        let script = Self.folder.appendingPathComponent(name)
        let expected = try String(
            contentsOf: script.deletingPathExtension().appendingPathExtension("out"), encoding: .utf8)
        // In a copy: an example may write beside itself.
        let copy = try TemporaryFolder()
        let folder = copy.path + "/examples"
        try FileManager.default.copyItem(atPath: Self.folder.path, toPath: folder)
        // What an example may talk to: a mail program, and a warehouse that answers every webhook.
        let sendmail = try copy.write("sendmail", "#!/bin/sh\ncat > /dev/null\n", mode: 0o755)
        let warehouse = try await Receiver.start("http_receiver", in: copy)
        let outcome = try await PaylinkProcess.run(
            try command(String(contentsOf: script, encoding: .utf8), name),
            environment: [
                "PAYLINK_LEDGER": copy.path + "/ledger.db", "PAYLINK_MAIL_SERVER": sendmail,
                "SHOP_URL": "http://127.0.0.1:\(warehouse.port)",
                "PAYLINK_SECRET_WEBHOOK": "whsec_c2hvcC1zZWNyZXQtb2YtMjQ=",
            ], directory: folder)
        #expect(outcome.output == expected, "\(outcome.errors)")
        #expect(outcome.status == 0)
    }
}
