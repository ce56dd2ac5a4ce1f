// Whatever the text: no crash, an end, and time in proportion to its length.

import Testing

@testable import ScriptCheck

@Suite struct RobustnessTests {
    private static let words = [
        "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
        "not",
        "or", "repeat", "return", "then", "true", "until", "while", "x", "y", "_ENV", "_G", "self", "paylink", "create",
        "task",
        "string", "link", "err", "assert", "pcall", "require", "load", "1", "0x1p4", "3.", "1e", "'s'", "'\\q'",
        "\"\\u{41}\"",
        "[[x]]", "[=[", "--", "--[[", "::a::", "goto a", "<const>", "<close>", "(", ")", "{", "}", "[", "]", "=", ",",
        ";", ".",
        ":", "::", "..", "...", "+", "-", "*", "/", "//", "%", "^", "#", "&", "~", "|", "<<", ">>", "==", "~=", "<",
        ">", "<=",
        "\n", "\r", "\0", "ä", "\\", "!", "\"", "'", "amount = ", "paylink.create{", "for k, v in ", "function f() ",
    ]

    /// A generator of its own, so that a seed means the same texts everywhere.
    private struct Seeded {
        var state: UInt64
        mutating func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
    }

    @Test func survivesRandomWords() {
        var random = Seeded(state: 20_240_601)
        for _ in 0..<4000 {
            var text: [UInt8] = []
            for _ in 0..<random.below(60) {
                text += Array(Self.words[random.below(Self.words.count)].utf8)
                if random.below(3) > 0 { text.append(32) }
            }
            let result = CheckedScripts.checked(text)
            #expect(result.diagnostics.allSatisfy { $0.line >= 1 && $0.column >= 1 && !$0.message.contains("\n") })
        }
    }

    @Test func survivesRandomBytes() {
        var random = Seeded(state: 7)
        for _ in 0..<2000 {
            let text = (0..<random.below(200)).map { _ in UInt8(random.below(256)) }
            _ = CheckedScripts.checked(text)
        }
    }

    @Test func survivesAScriptThatIsCutOffAnywhere() {
        let text =
            CheckedScripts.read(CheckedScripts.folder + "/Mistakes/structure.lua").map { Array($0.prefix(1500)) } ?? []
        for length in 0...text.count { _ = CheckedScripts.checked(Array(text[..<length])) }
    }

    @Test func takesTimeInProportionToTheText() {
        // What makes naive checks slow: long chains, many names, gotos, blocks, aliases, mistakes on one line.
        let shapes: [(String, @Sendable (Int) -> String)] = [
            ("chain", { "x = a" + String(repeating: ".b", count: $0) }),
            ("calls", { "print" + String(repeating: "()", count: $0) }),
            ("sum", { "x = 1" + String(repeating: " + 1", count: $0) }),
            ("undeclared", { String(repeating: "f(oops) ", count: $0) }),
            ("names", { (0..<$0).map { "do local a\($0) = a\($0 / 2) end " }.joined() }),
            ("gotos", { (0..<$0).map { "goto l\($0) " }.joined() + (0..<$0).map { "::l\($0):: ; x = 1 " }.joined() }),
            ("functions", { String(repeating: "function f() return g(function() return x end) end ", count: $0) }),
            ("options", { "assert(paylink.create{" + String(repeating: "amout = 1, ", count: $0) + "})" }),
            ("strings", { "x = '" + String(repeating: "\\065", count: $0) + "'" }),
        ]
        let clock = ContinuousClock()
        for (name, shape) in shapes {
            func time(_ count: Int) -> Duration {
                let text = Array(shape(count).utf8)
                return clock.measure { _ = CheckedScripts.checked(text) }
            }
            let short = max(time(1500), .milliseconds(2)), long = time(12_000)
            #expect(long < short * 40, "\(name): \(short) for 1500, \(long) for 12000")  // 8 where all is well
        }
    }

    @Test func tellsTheTimeForTenThousandLines() {
        let body = (0..<1000).map { index in
            """
            local function order\(index)(list)
              local link, err = paylink.create{ key = "order:\(index)", amount = "12.50", description = "Order \(index)" }
              if not link then
                log.warn("not made", { reason = err.code, order = \(index) })
                return nil, err
              end
              for position, item in ipairs(list) do print(position, item.name, link.url .. "?n=" .. position) end
              return link
            end
            assert(order\(index){ { name = "tea" } })

            """
        }
        // A function of Lua holds 200 local variables.
        let text = stride(from: 0, to: 1000, by: 100).map { "do\n" + body[$0..<$0 + 100].joined() + "end\n" }.joined()
        let bytes = Array(text.utf8)
        var result = ScriptCheck.Result()
        let time = ContinuousClock().measure { result = CheckedScripts.checked(bytes) }
        print("10,000 lines, \(bytes.count) bytes: \(time)")
        #expect(result.diagnostics.isEmpty)
    }
}
