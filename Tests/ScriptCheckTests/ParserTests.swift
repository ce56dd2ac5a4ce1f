// The grammar: what is accepted, what is refused and where, and what numbers and strings stand for.

import Testing

@testable import ScriptCheck

@Suite struct ParserTests {
    @Test(arguments: [
        "", ";;;", "#!/usr/bin/env -S paylink run\nreturn 1", "\u{FEFF}return 1", "return", "return;", "return 1, 2;",
        "local a <const>, b <close> = 1, nil", "local function f(...) return ... end return f",
        "a.b['c'].d = 1", "a, b.c, d[1] = f()", "f{} f'' f[[]] f()", "a:b():c{}:d''", "(f)()", "('x'):rep(3)",
        "goto done do local x end ::done::", "do goto e; local x; ::e:: end", "do goto e; local x; ::e:: ; ::f:: end",
        "for i = 1, 3 do break end", "for i = 1, 3, 2 do end", "for k, v in next, {} do end",
        "while true do if x then break end end", "repeat local x until x", "if a then elseif b then else end",
        "x = 1 // 2 ~ 3 & 4 | 5 << 6 >> 7 ~= ~8", "x = not - # ~ y", "x = a and b or c == d", "x = 2 ^ -3 ^ 4",
        "x = { 1, 2; a = 3, ['b'] = 4, f(), ... }", "x = function(a, ...) return select('#', ...) end",
        "x = [==[\n]]]=]]==]", "--[[ comment\n]] x = 1 --[==[ other ]==]",
        "x = '\\z  \n  a\\\nb\\x41\\065\\u{20AC}\\u{7FFFFFFF}'",
        "x = 0xA p = 0x.1p-3", "x = 3. y = .5 z = 1e+10 w = 0x1P4", "::a:: goto a", "x = a.b.c\n.d",
        "local x = 1; (print)(x)",
        "while true do ::top:: goto top end", "do ::a:: end do ::a:: end", "return function() end",
    ])
    func accepts(_ text: String) {
        let (_, faults, isComplete) = Parser.parse(Array(text.utf8))
        #expect(faults.isEmpty && isComplete, "\(text): \(faults)")
    }

    @Test(arguments: [
        ("x =", "1:4 expected an expression, found the end of the text"),
        ("if x then\nprint(1)", "2:9 expected 'end' to close 'if' of line 1, found the end of the text"),
        ("x = (1\n+ 2", "2:4 expected ')' to close '(' of line 1, found the end of the text"),
        ("print('a)", "1:7 this string has no end: a closing ' is missing on its line"),
        ("x = [[a\nb", "1:5 this string has no end: ']]' is missing"),
        ("--[[ a\nb", "1:1 this comment has no end: ']]' is missing"),
        ("x = '\\q'", "1:6 there is no such escape in a string; a backslash itself is '\\\\'"),
        ("x = '\\300'", "1:6 '\\300' is more than 255"),
        ("x = '\\xG'", "1:6 '\\x' takes two hexadecimal digits"),
        ("x = '\\u{80000000}'", "1:6 '\\u' takes a number below 2^31"),
        ("x = 3x", "1:5 '3x' is no number"), ("x = 0x", "1:5 '0x' is no number"), ("x = 1e", "1:5 '1e' is no number"),
        ("x = [=a", "1:5 a long string begins with '[[' or '[=[', not so"),
        ("if x = 1 then end", "1:6 expected 'then', found '=' (a comparison is '==')"),
        ("if x != 1 then end", "1:6 expected 'then', found '!': Lua writes '~=' for unequal"),
        ("if a && b then end", "1:7 expected an expression, found '&': Lua writes 'and'"),
        (
            "x += 1",
            "1:3 expected '=' or a call, as a value alone is no statement, found '+': Lua has no such assignment; write 'x = x + 1'"
        ),
        ("retrun 5", "1:1 'retrun' alone is no statement (did you mean 'return'?)"),
        (
            "for i = 1, 2 do continue end",
            "1:17 Lua has no 'continue': write 'goto continue', and '::continue::' at the end of the loop"
        ),
        ("f() = 1", "1:1 only a variable or a field can be assigned to"),
        ("local größe = 1", "1:9 expected an expression, found 'ö' (U+00F6): names have letters a-z only"),
        ("print(“a”)", "1:7 expected an expression, found the character U+201C: write a plain quote"),
        ("return 1 x = 2", "1:10 expected the end of the block, as 'return' must be its last statement, found 'x'"),
        ("local x <const> = 1 x = 2", "1:21 'x' is declared <const> and cannot be assigned to"),
        ("local x <close> = nil x = 2", "1:23 'x' is declared <close> and cannot be assigned to"),
        ("local x <konst> = 1", "1:10 there is no attribute <konst>: use <const> or <close>"),
        ("local x <close>, y <close> = nil", "1:21 only one variable of a 'local' can be <close>"),
        ("break", "1:1 this break is in no loop"),
        ("while x do f(function() break end) end", "1:25 this break is in no loop"),
        ("goto a", "1:6 there is no label 'a' that this goto can see"),
        ("do ::a:: end goto a", "1:19 there is no label 'a' that this goto can see"),
        ("::a::\n::b::\n::a::", "1:3 the label 'a' is there already, in line 3"),
        ("goto a; local x; ::a:: print(x)", "1:6 goto 'a' would jump into the scope of the local variable 'x'"),
        ("local function f() return ... end", "1:27 '...' can only be used in a function that takes '...'"),
    ])
    func refuses(_ text: String, _ expected: String) {
        let (_, faults, _) = Parser.parse(Array(text.utf8))
        let first = faults.min { $0.offset < $1.offset }
        var places = PlaceFinder(Array(text.utf8))
        let place = first.map { places.place($0.offset) } ?? (0, 0)
        let shown = "\(place.0):\(place.1) \(first?.message ?? "accepted")"
        #expect(shown == expected)
    }

    @Test(arguments: [
        ("'a\\x41\\u{E9}\\z\n  b\\065\\n'", "aA\u{E9}bA\n"), ("[[\nfirst\r\nsecond]]", "first\nsecond"),
        ("'\\\r\nx'", "\nx"), ("[==[a]]b]==]", "a]]b"),
    ])
    func readsStrings(_ text: String, _ expected: String) {
        let (syntax, _, _) = Parser.parse(Array("x = \(text)".utf8))
        let found = syntax.expressions.indices.compactMap { syntax.string(ExpressionID($0)) }.last
        #expect(found.map { syntax.symbols.text($0) } == expected)
    }

    @Test(arguments: [
        ("0", Lexer.Numeral.integer(0)), ("9223372036854775807", .integer(.max)),
        ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("0xffffffffffffffff", .integer(-1)),
        ("0x1ffffffffffffffff", .integer(-1)), ("3.", .number(3)), (".5", .number(0.5)), ("1e2", .number(100)),
        ("1.e2", .number(100)), ("0x.8", .number(0.5)), ("0x1p4", .number(16)), ("0xA.8p1", .number(21)),
        ("1e400", .number(.infinity)),
    ])
    func readsNumbers(_ text: String, _ expected: Lexer.Numeral) {
        #expect(Lexer.value(of: ArraySlice(text.utf8)) == expected)
    }

    @Test func countsColumnsInCharactersAndLinesAsLuaDoes() {
        #expect(
            CheckedScripts.codes("print('ä€😀') x = oops\r\ny = oops\ry = oops\n\ry = oops").map {
                $0.split(separator: " ")[0]
            }
                == [
                    "1:18", "2:5", "3:5", "4:5",
                ])
    }

    @Test func refusesWhatIsNestedTooDeeply() {
        for (open, close) in [("(", ")"), ("{", "}"), ("do ", " end"), ("- ", ""), ("function() return ", " end")] {
            func nested(_ depth: Int) -> String {
                let body = open == "do " ? "" : "1"
                let text = String(repeating: open, count: depth) + body + String(repeating: close, count: depth)
                return open == "do " ? text : "x = " + text
            }
            let found = CheckedScripts.checked(Array(nested(90).utf8))
            #expect(!found.hasErrors, "\(open): \(found.diagnostics)")
            let faults = Parser.parse(Array(nested(100_000).utf8)).faults
            #expect(faults.map(\.code) == [.nestedTooDeeply], "\(open): \(faults)")
        }
    }

    @Test func refusesMoreVariablesThanLuaHolds() {
        func locals(_ count: Int) -> String { (0..<count).map { "local a\($0)" }.joined(separator: "\n") }
        #expect(Parser.parse(Array(locals(200).utf8)).faults.isEmpty)
        #expect(Parser.parse(Array(locals(201).utf8)).faults.map(\.code) == [.tooManyVariables])
    }
}
