// The same verdict as Lua's own parser, on files that are there and on texts that are made.

import Glibc
import Testing

@testable import ScriptCheck

@Suite struct LuaComparisonTests {
    /// What Lua says of each text: nil, or the line of its complaint.
    private static func verdicts(_ texts: [[UInt8]]) -> [Int?]? {
        guard !CheckedScripts.output("command -v lua5.4").isEmpty else { return nil }
        var template = Array("/tmp/scriptcheck-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { return nil }
        let folder = String(cString: made)
        defer { _ = CheckedScripts.output("rm -r '\(folder)'") }
        for (index, text) in texts.enumerated() { CheckedScripts.write(text, to: "\(folder)/\(index)") }
        CheckedScripts.write(
            Array(
                """
                for i = 0, arg[2] - 1 do
                  local chunk, problem = loadfile(arg[1] .. "/" .. i, "t")
                  print(chunk and "ok" or problem:match("^[^:]*:(%d+):") or "?")
                end
                """.utf8), to: "\(folder)/driver")
        let lines = CheckedScripts.output("lua5.4 '\(folder)/driver' '\(folder)' \(texts.count)").split(separator: "\n")
        guard lines.count == texts.count else { return nil }
        return lines.map { $0 == "ok" ? nil : Int($0) ?? 0 }
    }

    private func compare(_ texts: [[UInt8]], _ what: String) throws {
        let verdicts = try #require(Self.verdicts(texts), "lua5.4, of the Debian package of that name, is needed")
        var sameLine = 0, refused = 0
        for (text, verdict) in zip(texts, verdicts) {
            let faults = Parser.parse(text).faults
            #expect(faults.isEmpty == (verdict == nil), "\(String(decoding: text, as: UTF8.self)): \(faults)")
            guard let verdict, let first = faults.map(\.offset).min() else { continue }
            refused += 1
            var places = PlaceFinder(text)
            if places.place(first).line == verdict { sameLine += 1 }
        }
        print("\(what): \(texts.count) texts, \(refused) refused by both, on the same line \(sameLine)")
    }

    @Test func agreesWithLuaOnFiles() throws {
        let files = CheckedScripts.luaFiles(FalseAlarmTests.project).prefix(300).compactMap(CheckedScripts.read)
        #expect(files.count > 20)
        try compare(Array(files), "files")
        let cut = files.prefix(40).flatMap { text in (1..<8).map { Array(text.prefix(text.count * $0 / 8)) } }
        try compare(cut, "cut files")
    }

    @Test func agreesWithLuaOnMadeTexts() throws {
        var texts: [[UInt8]] = []
        var state: UInt64 = 99
        func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        func pick(_ list: [String]) -> String { list[below(list.count)] }
        func expression(_ depth: Int) -> String {
            if depth == 0 || below(3) == 0 {
                return pick(["x", "1", "'s'", "nil", "...", "{}", "a.b", "f()", "2.5", "0xff"])
            }
            switch below(5) {
            case 0:
                return expression(depth - 1) + pick([" + ", "..", " == ", " and ", "^", "//", "<"])
                    + expression(depth - 1)
            case 1: return pick(["-", "not ", "#", "~"]) + expression(depth - 1)
            case 2: return "(" + expression(depth - 1) + ")"
            case 3: return "function(\(pick(["", "a", "...", "a, ..."]))) \(block(depth - 1)) end"
            default: return pick(["f", "a.b"]) + pick(["(\(expression(depth - 1)))", ".k", ":m{}", "['k']", "'s'"])
            }
        }
        func statement(_ depth: Int) -> String {
            if depth == 0 {
                return pick([
                    "x = 1", "f()", "local z <const> = 1", "goto a", "break", "::b::", "local x", "z = 2",
                    "local c <close> = nil",
                ])
            }
            switch below(8) {
            case 0: return "local \(pick(["x", "x, y", "z <const>", "q <foo>"])) = " + expression(depth - 1)
            case 1: return pick(["x", "a.b", "x, y", "z"]) + " = " + expression(depth - 1)
            case 2: return "if \(expression(depth - 1)) then \(block(depth - 1)) \(pick(["", "else f()"])) end"
            case 3: return "while \(expression(depth - 1)) do \(block(depth - 1)) end"
            case 4: return "for \(pick(["i = 1, 2", "k, v in pairs(x)"])) do \(block(depth - 1)) end"
            case 5: return "repeat \(block(depth - 1)) until " + expression(depth - 1)
            case 6:
                return pick(["local function f(", "function a.b:c("]) + pick(["", "x", "..."])
                    + ") \(block(depth - 1)) end"
            default: return pick(["goto a", "goto b", "break", "::a::", "::b::"])
            }
        }
        func block(_ depth: Int) -> String {
            (0...below(3)).map { _ in statement(depth) }.joined(separator: pick(["\n", " ", "; "]))
                + pick(["", " return x", "\n::a::"])
        }
        for _ in 0..<1500 { texts.append(Array(block(1 + below(4)).utf8)) }
        try compare(texts, "made texts")
    }
}
