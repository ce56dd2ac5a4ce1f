// docs/security.md says of what it claims which test would fail if it were not true: each of these must exist.

import Foundation
import Testing

@Suite struct SecurityClaimTests {
    private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The tests that there are, as `Suite.test`.
    private static func tests() throws -> Set<String> {
        let folder = package.appendingPathComponent("Tests")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        var found: Set<String> = []
        for case let file as URL in files ?? .init() where file.pathExtension == "swift" {
            var suite = "", isTest = false
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                let text = line.drop { $0 == " " }
                if let name = text.firstMatch(of: /(?:struct|extension|class|enum) (\w+Tests)\b/)?.1 {
                    suite = String(name)
                }
                if text.hasPrefix("@Test") { isTest = true }
                guard isTest, let name = text.firstMatch(of: /^(?:@Test.* )?func (\w+)/)?.1 else { continue }
                found.insert(suite + "." + name)
                isTest = false
            }
        }
        return found
    }

    /// The tests that a text names.
    private static func named(in text: String) -> Set<String> {
        Set(text.matches(of: /`([A-Z]\w*Tests\.\w+)`/).map { String($0.1) })
    }

    @Test func everyTestThatIsNamedExists() throws {
        let page = try String(contentsOf: Self.package.appendingPathComponent("docs/security.md"), encoding: .utf8)
        let named = Self.named(in: page), tests = try Self.tests()
        #expect(named.count >= 25 && named.contains("SecurityClaimTests.everyTestThatIsNamedExists"))
        #expect(named.subtracting(tests).isEmpty)
    }

    /// The check itself can fail: it finds tests with and without arguments, and nothing that is none.
    @Test func whatIsNoTestIsNotFound() throws {
        let tests = try Self.tests()
        #expect(tests.contains("OpenerTests.whatShowsTheSystemIsOpenedByNoCall"))
        #expect(tests.contains("OpenerTests.requireLoadsFilesAlone"))
        for name in ["OpenerTests.run", "OpenerTests.none", "SecurityClaimTests.named", "SecurityClaimTests.tests"] {
            #expect(!tests.contains(name), "\(name)")
        }
    }

    /// In the sections of claims, a list has no line that nothing proves.
    @Test(arguments: ["Files", "Secrets", "Settings files"])
    func everyLineOfTheListNamesItsTest(_ section: String) throws {
        let page = try String(contentsOf: Self.package.appendingPathComponent("docs/security.md"), encoding: .utf8)
        let rest = try #require(page.components(separatedBy: "\n## \(section)\n").dropFirst().first)
        let text = try #require(rest.components(separatedBy: "\n## ").first)
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("- ") }
        // What a list with a claim before it names ends with a mark of punctuation.
        let bare = lines.filter { Self.named(in: String($0)).isEmpty && !$0.hasSuffix(";") && !$0.hasSuffix(".") }
        #expect(lines.count >= 6 && bare.isEmpty, "\(bare)")
    }
}
