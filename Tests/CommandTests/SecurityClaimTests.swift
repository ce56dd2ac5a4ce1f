// docs/security.md says of what it claims which test would fail if it were not true: each of these must exist.

import Foundation
import Testing

@Suite struct SecurityClaimTests {
    private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static let found = Result { try find() }

    /// The tests that there are, as `Suite.test`; one that is switched off is none.
    private static func tests() throws -> Set<String> { try found.get() }

    private static func find() throws -> Set<String> {
        let folder = package.appendingPathComponent("Tests")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        var found: Set<String> = []
        for case let file as URL in files ?? .init() where file.pathExtension == "swift" {
            var suite = "", isTest = false
            for line in try String(contentsOf: file, encoding: .utf8).utf8.split(separator: 0x0A) {
                let bytes = line.drop { $0 == 0x20 }
                // Few lines are worth a regular expression.
                guard isTest || bytes.first == UInt8(ascii: "@") || bytes.starts(with: "extension ".utf8),
                    let text = String(bytes)
                else { continue }
                if let name = text.firstMatch(
                    of: /^(?:@Suite.* )?(?:final )?(?:struct|extension|class|enum) (\w+Tests)\b/)?.1
                {
                    suite = String(name)
                }
                if text.hasPrefix("@Test") { isTest = !text.contains(".disabled(") }
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
        let named = Self.named(in: try Self.page()), tests = try Self.tests()
        #expect(named.count >= 200 && named.contains("SecurityClaimTests.everyTestThatIsNamedExists"))
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

    // MARK: The form of the page

    private static func page() throws -> String {
        try String(contentsOf: package.appendingPathComponent("docs/security.md"), encoding: .utf8)
    }

    /// A section's claims, and what is wrong with its form. What stands below "**Not covered:**" or "**Not bounded:**"
    /// is no claim, up to the next title in bold.
    private static func read(_ section: String) -> (claims: Int, faults: [String]) {
        var claims = 0, faults: [String] = [], isClaimed = true
        for line in section.split(separator: "\n").dropFirst() {
            if line.hasPrefix("**") { isClaimed = !line.hasPrefix("**Not ") }
            let text = String(line)
            guard text.hasPrefix("- ") else {
                // Whatever else a list may look like would be passed over.
                if text.firstMatch(of: /^(?:\s+\S|[*+] |\d+[.)] )/) != nil { faults.append("no list of ours: \(text)") }
                if text.hasPrefix("|"), !section.hasPrefix(tabled) { faults.append("a table: \(text)") }
                continue
            }
            let isTested = !named(in: text).isEmpty
            if isClaimed { claims += 1 }
            if isClaimed != isTested { faults.append(isClaimed ? "no test: \(text)" : "a test, and no claim: \(text)") }
            if isTested, !text.contains(" — `") { faults.append("no dash before its tests: \(text)") }
        }
        return (claims, faults)
    }

    /// DefaultRightsTests tries each line of its table.
    private static let tabled = "What a script can do by default\n"
    private static let unclaimed = ["Reporting\n"]

    /// No list has a line that nothing proves, but where it says that it promises nothing.
    @Test func everyLineOfAListNamesItsTest() throws {
        let sections = try Self.page().components(separatedBy: "\n## ").dropFirst()
        #expect(sections.count >= 14)
        for section in sections where !Self.unclaimed.contains(where: section.hasPrefix) {
            let (claims, faults) = Self.read(section)
            #expect(claims > 0 && faults.isEmpty, "\(section.prefix { $0 != "\n" }): \(faults)")
        }
    }

    @Test(arguments: [
        ("T\n- it holds — `ATests.b`\n", 1, 0), ("T\n- it holds\n", 1, 1), ("T\n- it holds `ATests.b`\n", 1, 1),
        ("T\n**Not covered:**\n\n- this\n", 0, 0), ("T\n**Not bounded:**\n\n- this — `ATests.b`\n", 0, 1),
        ("T\n**Not covered:** a\n\n**Files**\n\n- it holds\n", 1, 1), ("T\n* it holds\n", 0, 1),
        ("T\n  - it holds\n", 0, 1), ("T\n1. it holds\n", 0, 1), ("T\n| a | b |\n", 0, 1),
        ("What a script can do by default\n| a | b |\n", 0, 0),
    ])
    func aLineThatNothingProvesIsFound(_ section: String, _ claims: Int, _ faults: Int) {
        let read = Self.read(section)
        #expect(read.claims == claims && read.faults.count == faults, "\(read)")
    }
}
