// Every example of the documentation, run as its header says: standard output and exit status as stored beside it.

import Foundation
import Recorder
import TestSupport
import Testing

@Suite struct ExampleTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("docs/examples")

    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".lua") && !$0.hasSuffix("_test.lua") }.sorted()
    }()

    @Test func thereAreExamples() {
        #expect(Self.names.count >= 8)
    }

    /// Whoever copies a wait lets the link's expiry decide, or gives it more time than that.
    @Test func noExampleGivesUpBeforeItsLinkExpires() throws {
        let docs = Self.folder.deletingLastPathComponent()
        let readme = docs.deletingLastPathComponent().appendingPathComponent("README.md")
        let pages = try FileManager.default.contentsOfDirectory(at: docs, includingPropertiesForKeys: nil)
        var texts: [(String, String)] = []
        for page in pages + [readme] where page.pathExtension == "md" {
            let blocks = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "```")
            texts += blocks.filter { $0.hasPrefix("lua\n") }.map { (page.lastPathComponent, $0) }
        }
        // The offer is looked at again and again, and says so.
        for name in Self.names where name != "expiring-offer.lua" {
            texts.append((name, try String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8)))
        }
        var waits = 0
        for (name, text) in texts {
            let expiries = text.matches(of: #/expires_in\s*=\s*"([^"]+)"/#).compactMap {
                DurationText.parse(String($0.1))
            }
            for match in text.matches(of: #/wait(?:_each)?\s*[({][^)}]*timeout\s*=\s*"([^"]+)"/#) {
                waits += 1
                let timeout = try #require(DurationText.parse(String(match.1)), "\(name)")
                #expect(expiries.allSatisfy { timeout > $0 * 1.5 }, "\(name): \(match.0)")
            }
            waits += text.matches(of: #/wait(?:_each)?\s*\(/#).count
        }
        #expect(waits > 10)
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
