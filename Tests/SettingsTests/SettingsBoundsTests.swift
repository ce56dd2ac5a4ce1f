// How much a settings file may hold: a little more than each bound is refused with its place, before any parser sees it.

import Foundation
import Glibc
import Secrets
import TestSupport
import Testing

@testable import Settings

@Suite struct SettingsBoundsTests {
    /// Small, so that no test needs much of anything.
    private static let small: SettingsBounds = {
        var bounds = SettingsBounds()
        (bounds.size, bounds.lines, bounds.line, bounds.keys) = (400, 6, 60, 4)
        (bounds.key, bounds.parts, bounds.depth) = (12, 3, 2)
        return bounds
    }()

    private func problems(_ text: String, _ bounds: SettingsBounds = Self.small) -> [SettingsProblem] {
        SettingsFile(
            "/s/paylink.toml", text: text, trust: FileTrust(owner: getuid(), mode: 0o644), user: getuid(),
            bounds: bounds
        ) { _, _ in nil }.problems
    }

    private static let excesses: [(String, Int, Int, String)] = [
        ("\n\n\n\n\n\n", 6, 1, "more than 6 lines"),
        ("\nlocale = '" + String(repeating: "x", count: 60), 2, 61, "a line of more than 60 bytes"),
        ("a = 1\nb = 1\n[c]\nd = 1\ne = 1", 5, 3, "more than 4 keys and tables"),
        ("x = { a = 1, b = 1, c = 1, d = 1 }", 1, 30, "more than 4 keys and tables"),
        ("\na234567890123 = 1", 2, 14, "a key of more than 12 bytes"),
        ("'a2345678901' = 1", 1, 14, "a key of more than 12 bytes"),
        ("[a2345678901234]", 1, 14, "a key of more than 12 bytes"),
        ("a.b.c.d = 1", 1, 6, "a key of more than 3 parts"), ("[a.b.c.d]", 1, 7, "a key of more than 3 parts"),
        ("x = { a.b.c.d = 1 }", 1, 12, "a key of more than 3 parts"),
        ("é = [[[1]]]", 1, 7, "more than 2 lists and tables"),
        ("x = [\n  [1],\n  [[1]],\n]", 3, 4, "more than 2 lists and tables"),
        ("x = {a={b={c=1}}}", 1, 11, "more than 2 lists and tables"),
        ("[[[x]]]", 1, 3, "no valid header"), ("a[0] = 1", 0, 0, ""),
        ("x = 'a\nb'", 1, 5, "does not end on its line"), ("x = \"a\\\nb\"", 1, 5, "does not end on its line"),
        ("x = '''a\nb''", 1, 5, "does not end"), ("x = { a = 1,\nb = 2 }", 1, 13, "goes on in the next line"),
        ("# one\rx = 1", 1, 6, "a control character"), ("x = 'a\u{2028}'", 1, 7, "a control character"),
        ("# \u{85}", 1, 3, "a control character"), ("x = '\u{0}'", 1, 6, "a control character"),
    ]

    @Test(arguments: excesses)
    func whatIsTooMuchIsNotParsed(_ text: String, _ line: Int, _ column: Int, _ words: String) {
        let problems = problems(text)
        guard line > 0 else { return #expect(!problems.isEmpty) }
        #expect(problems.count == 1 && problems.first?.line == line, "\(problems)")
        #expect(problems.first?.description.contains(" in column \(column): ") == true, "\(problems)")
        #expect(problems.first?.description.contains(words) == true, "\(problems)")
    }

    /// What only looks like too much: in strings, in comments, behind a key.
    @Test(arguments: [
        "locale = 'en' # [[[[ {{{{ a.b.c.d.e = \" '", "ledger = '[[[[{{{{ a.b.c.d'", "ledger = \"\\\"[[[[\"",
        "ledger = '''[[[[\n[[[['''''", "ledger = \"\"\"\n\\\"\"\"[[[\\\n[[[\"\"\"", "  # a.b.c.d.e.f\nlocale = 'en'",
        "[run] # a very long remark behind a header\nmax_links = 1",
        "allow.read = [ # one\n 'a.b.c.d', # [[[\n 'b',\n]", "token = { command = ['a', '[[['] }", "locale = 'en'\r\n",
        "ledger = 'a very long value, longer than any key is'", "[profile.x.run]\nmax_links = 1\n",
    ])
    func whatIsWithinTheBoundsIsTaken(_ text: String) {
        var bounds = Self.small
        bounds.key = 16
        #expect(problems(text, bounds).isEmpty, "\(problems(text, bounds))")
    }

    @Test func aWholeFileHasABound() throws {
        #expect(problems(String(repeating: "#\n", count: 3), Self.small).isEmpty)
        var bounds = SettingsBounds()
        #expect(bounds.size == 64 << 10 && bounds.lines == 2_000 && bounds.line == 8 << 10 && bounds.keys == 1_000)
        #expect(bounds.key == 256 && bounds.parts == 6 && bounds.depth == 4)
        bounds.size = 10
        #expect(problems("# 23456789", bounds).isEmpty)
        #expect(problems("# 234567890", bounds).first?.description.contains("more than 10 bytes") == true)
        // Flat text a little above the bound, from a file.
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let size = SettingsBounds().size
        for (count, isTaken) in [(size, true), (size + 1, false)] {
            let line = "# " + String(repeating: "x", count: 61) + "\n"
            let text = String(String(repeating: line, count: count / line.utf8.count + 1).utf8.prefix(count)) ?? ""
            let path = try folder.write("settings.toml", text, mode: 0o600)
            let problems = SettingsFile.read(path) { _, _ in nil }?.problems
            #expect(problems?.isEmpty == isTaken, "\(problems ?? [])")
            #expect(isTaken || problems?.first?.description.contains("larger than 64 KB") == true)
        }
    }
}
