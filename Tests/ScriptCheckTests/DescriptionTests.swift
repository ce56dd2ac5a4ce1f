// The description of the API, near names, and the forms of durations and amounts.

import Testing

@testable import ScriptCheck

@Suite struct DescriptionTests {
    @Test func theFixtureHasTheWholeAPI() {
        let api = CheckedScripts.api
        #expect(
            api.modules.keys.filter { api.modules[$0]?.isStrict == true }.sorted() == [
                "csv", "http", "io", "json", "log", "mail", "os", "paylink", "program", "run", "task",
            ])
        #expect(
            api.functions["paylink.create"]?.options.map(\.name).sorted() == [
                "amount", "close_on_complete", "description", "expires_at", "expires_in", "key", "locale", "media_url",
                "payer",
                "reusable",
            ])
        #expect(
            api.functions["paylink.create"]?.options.filter(\.rule.isRequired).map(\.name) == ["amount", "description"])
        #expect(api.functions["task.map"]?.parameters.map(\.isOptions) == [false, true, false])
        #expect(api.functions["csv.rows"]?.option("delimiter")?.rule.texts == [",", ";", "|", "\t"])
        #expect(api.globals.isSuperset(of: ["print", "sleep", "secret", "require", "arg"]))
        #expect(api.globals.isDisjoint(with: ["dofile", "loadfile", "package", "paylink"]))
    }

    @Test(arguments: [
        "nonsense\tx", "global", "option\tx\tstring", "function\tf\nparameter\tp\tsomething", "function\tf\twhat=1",
    ])
    func refusesALineThatSaysNothing(_ text: String) {
        #expect(throws: APIDescription.MalformedLine.self) { try APIDescription(parsing: text) }
    }

    @Test(
        arguments: [
            ("amout", ["amount", "key"], "amount"), ("spwan", ["spawn", "sleep"], "spawn"), ("x", ["y", "abc"], nil),
            ("something", ["else"], nil), ("lnik", ["link"], "link"), ("", ["a"], nil), ("ex", ["ey"], "ey"),
        ] as [(String, [String], String?)])
    func findsTheNearestName(_ name: String, _ names: [String], _ expected: String?) {
        #expect(Suggestion.nearest(to: name, among: names) == expected)
    }

    @Test(arguments: ["90s", "15m", "2h30m", "7d", "500ms", "1.5s", "45", "0", "1w", "1h1m1s1ms"])
    func takesDurations(_ text: String) { #expect(DurationForm.seconds(Array(text.utf8)) != nil) }

    @Test(arguments: [
        "", "5 m", "1h 30m", "m", "5M", "30m2h", "5m5m", "-5s", "1e3", "1.", ".5s", "5x", "12w13w", "4000d",
    ])
    func refusesWhatIsNoDuration(_ text: String) { #expect(DurationForm.seconds(Array(text.utf8)) == nil) }

    @Test(arguments: [
        ("12.50", true), ("-3", true), ("0.000001", true), ("0.0000010", true), ("1,50", false), ("", false),
        ("1.", false), (".5", false), ("1e3", false), ("0.0000001", false), ("12 USD", false),
        ("99999999999999", false),
    ])
    func knowsAmounts(_ text: String, _ isAmount: Bool) {
        #expect((AmountForm.problem(Array(text.utf8)) == nil) == isAmount)
    }

    @Test(arguments: [
        (12.5, true), (0.1, true), (0.123456, true), (0.1234567, false), (1e10, false), (.infinity, false),
    ])
    func knowsNumbersThatAreAmounts(_ number: Double, _ isAmount: Bool) {
        #expect((AmountForm.problem(number) == nil) == isAmount)
    }
}

@Suite struct FactTests {
    @Test func tellsFollowUpsAndRequiredModules() {
        let text = """
            local orders = require "lib.orders"
            local ok, extra = pcall(require, "extra")
            local on = paylink.on
            paylink.on("paid", orders.ship)
            on("expired", function() print(ok, extra) end)
            total = 1
            """
        let facts = CheckedScripts.checked(Array(text.utf8)).facts
        #expect(facts.followUps == [4, 5])
        #expect(facts.requires.map(\.name) == ["lib.orders", "extra"])
        #expect(facts.requires.map(\.line) == [1, 2])
        #expect(facts.requires.map(\.isGuarded) == [false, true])
        #expect(facts.assignedGlobals == ["total"])
    }

    @Test func knowsWhatRequiredFilesDo() {
        let files = ["a": "require('b') made_by_a = 1", "b": "made_by_b = 1 function string.trim(s) return s end"]
        let text = "require('a') require('paylink') require('gone') print(made_by_a, made_by_b, ('x'):trim(), oops)"
        var asked: [String] = []
        let result = CheckedScripts.checked(
            Array(text.utf8),
            module: { name in
                asked.append(name)
                return files[name].map { .text(Array($0.utf8)) } ?? .missing("\(name).lua")
            })
        #expect(asked.sorted() == ["a", "b", "gone"])
        #expect(
            result.diagnostics.map(\.message) == [
                "module 'gone' not found: looked for gone.lua", "undeclared variable 'oops'",
            ])
    }
}

@Suite struct WordsOfTestsTests {
    /// What `paylink test` would add: more globals, `assert` as a table, calls that expect an error.
    @Test func takesWordsThatACallerAdds() throws {
        var text = String(
            decoding: CheckedScripts.read(CheckedScripts.folder + "/Fixtures/api.txt") ?? [], as: UTF8.self)
        text +=
            "\nglobal\tdescribe\nglobal\tit\nmodule\tworld\nmember\tworld\tpay\nmodule\tassert\nmember\tassert\tsame"
        text += "\nguard\tassert.has_error"
        let check = ScriptCheck(api: try APIDescription(parsing: text))
        let script = """
            describe("checkout", function()
              it("refuses", function()
                assert.has_error(function() paylink.crate() end)
                local link = assert(paylink.create{ amount = 5, description = "Tea" })
                assert.same(link.status, "active")
                world.pya(link)
                print(link.adress)
              end)
            end)
            """
        let found = check(Array(script.utf8)).diagnostics.map {
            "\($0.line) \($0.code.rawValue) \($0.severity.rawValue)"
        }
        #expect(found == ["3 unknown_member warning", "6 unknown_member error", "7 unknown_field error"])
    }
}
