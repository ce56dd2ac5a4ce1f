// Which lines of a script count, and when one has run, beside what Lua tells of each line.

import Testing

@testable import ScriptCheck

@Suite struct ExecutableLinesTests {
    /// The lines on which something begins, as "2 4-5".
    private static func lines(_ text: String) -> [Int] {
        ExecutableLines(Array(text.utf8))?.counted(by: [:]).map(\.line) ?? []
    }

    @Test(arguments: [
        ("", []), ("-- a remark\n\nlocal x = 1\n", [3]), ("#!/usr/bin/env paylink\nprint(1)", [2]),
        ("local x\nlocal y = (nil)\nx = 1", [3]),
        ("local x = f()\nx = nil\nx = x\ny = nil", [1, 4]), ("local limit <const> = 5 * 2\nprint(limit)", [2]),
        ("local a <const>, b = 1, 2", [1]), ("do\n  print(1)\nend", [2]), ("repeat\n  print(1)\nuntil done", [2]),
        ("while true do\n  print(1)\n  break\nend", [2]), ("while x do\n  print(1)\nend", [1, 2]),
        ("goto out\n::out::\nreturn", [3]), ("if a then\n b()\nelseif c then\n d()\nelse\n e()\nend", [1, 2, 3, 4, 6]),
        ("a() b()\nc()", [1, 2]), ("local function f()\n  return 1\nend", [1, 2]),
        ("return {\n  f = function()\n    g()\n  end,\n}", [1, 3]),
    ])
    func areThoseOnWhichSomethingBegins(_ text: String, _ wanted: [Int]) {
        #expect(Self.lines(text) == wanted)
    }

    @Test func aTextThatIsNoScriptHasNone() { #expect(ExecutableLines(Array("x = = 1".utf8)) == nil) }

    /// Lua begins `local f = function() … end` at its end, and a list's value where it stands.
    @Test func aStatementHasRunWhereAnyOfItsOwnLinesHas() {
        func counted(_ text: String, _ counts: [Int: [UInt32]]) -> [UInt32] {
            ExecutableLines(Array(text.utf8))?.counted(by: counts).map(\.count) ?? []
        }
        #expect(counted("local f = function()\n  g()\nend", [0: [0, 0, 1]]) == [1, 0])
        #expect(counted("local t =\n  'text'", [0: [0, 2]]) == [2])
        #expect(counted("f(function()\n  g()\nend)", [0: [1, 0, 0]]) == [1, 0])
        #expect(counted("if a then\n  g()\nend", [0: [3, 0, 3]]) == [3, 0])
        #expect(counted("g()", [:]) == [0])
        // The line of an `end` is its function's as well as that of what is around it.
        #expect(counted("local function f()\n  return 1 end", [0: [0, 1]]) == [1, 0])
        #expect(counted("local function f()\n  return 1 end", [0: [0, 1], 1: [0, 4]]) == [1, 4])
        #expect(counted("if a then\n b()\nelseif c\n and d then\n e()\nend", [0: [1, 0, 0, 1]]) == [1, 0, 1, 0])
    }
}
