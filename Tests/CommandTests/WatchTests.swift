// `paylink watch`: follow-ups once for each link, whoever made it; sweeps and failures.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct WatchTests {
    struct Fixture {
        let sandbox: SandboxProcess
        let folder: TemporaryFolder
        var environment: [String: String] { ["PAYLINK_LEDGER": folder.path + "/ledger.db"] }

        static func make(_ sandboxOptions: [String] = []) async throws -> Fixture {
            Fixture(sandbox: try await SandboxProcess.start(sandboxOptions), folder: try TemporaryFolder())
        }

        func script(_ text: String, _ name: String = "fulfil.lua") throws -> String { try folder.write(name, text) }

        func watch(_ arguments: [String], limit: Duration = .seconds(60)) throws -> ChildProcess {
            try sandbox.start(["watch"] + arguments, environment, directory: folder.path, limit: limit)
        }

        func sweep(_ arguments: [String]) async throws -> Outcome { try await watch(["--once"] + arguments).finish() }

        func create(_ key: String, _ more: [String] = []) async throws -> String {
            let arguments = ["create", "--key", key, "--amount", "5", "--description", key, "--json"] + more
            let outcome = try await sandbox.run(arguments, environment)
            return try #require(try JSON(parsing: outcome.output)["id"]?.string, "\(outcome)")
        }
    }

    static let plain = """
        paylink.on("paid", function(link, token) print("paid " .. link.key .. " " .. tostring(link.payment.amount)) end)
        paylink.on("expired", function(link) print("expired " .. link.key) end)
        """

    /// A mistake on a day that comes once a year is told of on the first.
    @Test func refusesAScriptWithMistakes() async throws {
        let fixture = try await Fixture.make()
        let script = try fixture.script(
            """
            local function rare() return paylink.create{ amout = 1, description = "x" } end
            paylink.on("paid", function() if os.date("%j") == "366" then rare() end end)
            """)
        for options in [[script], ["--once", script]] {
            let outcome = try await fixture.watch(options).finish()
            #expect(outcome.status == 65, "\(outcome)")
            #expect(
                outcome.errors.contains("fulfil.lua:1:") && outcome.errors.contains("nothing was watched"), "\(outcome)"
            )
        }
    }

    @Test func followsWhatOtherProcessesMakeWhileItRuns() async throws {
        let fixture = try await Fixture.make()
        let watch = try fixture.watch([try fixture.script(Self.plain)])
        let first = try await fixture.create("order-1")
        let second = try await fixture.create("order-2")
        try await fixture.sandbox.untilAskedFor(first)
        try await fixture.sandbox.untilAskedFor(second)
        try await fixture.sandbox.pay(second)
        _ = try await watch.line { $0 == "paid order-2 5.00" }
        try await fixture.sandbox.pay(first)
        _ = try await watch.line { $0 == "paid order-1 5.00" }
        watch.send(SIGTERM)
        let outcome = try await watch.finish()
        #expect(outcome.status == 143, "\(outcome)")
        #expect(outcome.lines == ["paid order-2 5.00", "paid order-1 5.00"])
        #expect(
            outcome.errors.hasSuffix("ended by a signal; every follow-up under way has finished\n"), "\(outcome.errors)"
        )
        // Started again, it repeats nothing.
        #expect(try await fixture.sweep([try fixture.script(Self.plain)]).output == "")
    }

    @Test func aSweepLooksAtEveryOpenLinkAndEnds() async throws {
        let fixture = try await Fixture.make()
        let script = try fixture.script(Self.plain)
        #expect(try await fixture.sweep([script]).status == 0)
        let paid = try await fixture.create("order-1")
        let open = try await fixture.create("order-2")
        _ = try await fixture.create("order-3", ["--expires-in", "60s"])
        #expect(try await fixture.sweep([script]).output == "")
        try await fixture.sandbox.pay(paid)
        try await fixture.sandbox.advance(seconds: 120)
        let outcome = try await fixture.sweep([script])
        #expect(Set(outcome.lines) == ["paid order-1 5.00", "expired order-3"], "\(outcome)")
        #expect(outcome.status == 0)
        let before = try await fixture.sandbox.requests().count
        #expect(try await fixture.sweep([script]).output == "")
        // What is paid is asked for no more, what has expired rarely: LateTests.
        let asked = try await fixture.sandbox.requests().dropFirst(before).filter { $0.hasPrefix("GET") }
        #expect(asked.contains("GET /api/m2m/v0/links/\(open)") && !asked.contains { $0.hasSuffix(paid) }, "\(asked)")
    }

    /// As cron starts it: silent, recorded, a report when something is left.
    @Test func aSweepMayBeAJob() async throws {
        let fixture = try await Fixture.make()
        let job = ["--job", "fulfil"]
        let script = try fixture.script(#"paylink.on("paid", function(l) print(run.job .. " " .. l.key) end)"#)
        let id = try await fixture.create("order-1")
        let silent = try await fixture.sweep(job + [script])
        #expect(silent.status == 0 && silent.output == "" && silent.errors == "", "\(silent)")
        try await fixture.sandbox.pay(id)
        let paid = try await fixture.sweep(job + [script])
        #expect(paid.status == 0 && paid.output == "" && paid.errors == "", "\(paid)")
        let failing = try fixture.script(#"paylink.on("paid", function() error("no stock") end)"#)
        let other = try await fixture.create("order-2")
        try await fixture.sandbox.pay(other)
        let failed = try await fixture.sweep(job + ["--name", "fulfil", failing])
        #expect(failed.status == 75, "\(failed)")
        for text in ["job fulfil failed", "status 75", "no stock", "1 left to you"] {
            #expect(failed.errors.contains(text), "\(text): \(failed.errors)")
        }
        let runs = try await fixture.sandbox.run(["runs", "--job", "fulfil", "--json"], fixture.environment)
        let statuses = try runs.lines.map { try JSON(parsing: $0)["exit_status"]?.integer }
        #expect(statuses == [75, 0, 0], "\(runs)")
        let shown = try await fixture.sandbox.run(["runs", "show", "2", "--json"], fixture.environment)
        #expect(shown.output.contains("fulfil order-1"), "\(shown)")
    }

    @Test func aSweepGivesUpOnAServiceThatIsNotThere() async throws {
        let fixture = try await Fixture.make()
        let script = try fixture.script(Self.plain)
        _ = try await fixture.sweep([script])
        let paid = try await fixture.create("order-0")
        try await fixture.sandbox.pay(paid)
        #expect(try await fixture.sandbox.run(["wait", paid], fixture.environment).status == 0)
        for number in 1...20 { _ = try await fixture.create("order-\(number)") }
        fixture.sandbox.process.kill()
        _ = try? await fixture.sandbox.process.finish()
        let outcome = try await fixture.sweep([script])
        #expect(outcome.status == 69, "\(outcome)")
        // What the ledger knows is followed up all the same.
        #expect(outcome.output == "paid order-0 5.00\n")
        #expect(outcome.errors.split(separator: "\n").count { $0.contains("could not be reached") } == 1, "\(outcome)")
        #expect(outcome.errors.contains("20 links were not seen"), "\(outcome)")
    }

    @Test func whatAnotherProcessSawPaidIsFollowedUpToo() async throws {
        let fixture = try await Fixture.make()
        let script = try fixture.script(Self.plain)
        _ = try await fixture.sweep([script])
        let id = try await fixture.create("order-1")
        try await fixture.sandbox.pay(id)
        #expect(try await fixture.sandbox.run(["wait", id], fixture.environment).status == 0)
        #expect(try await fixture.sweep([script]).output == "paid order-1 5.00\n")
    }

    @Test func thePastIsLeftAloneUnlessAskedFor() async throws {
        let fixture = try await Fixture.make()
        let script = try fixture.script(Self.plain)
        let id = try await fixture.create("order-1")
        try await fixture.sandbox.pay(id)
        #expect(try await fixture.sandbox.run(["wait", id], fixture.environment).status == 0)
        try await Task.sleep(for: .milliseconds(1_100))  // the record counts in seconds
        #expect(try await fixture.sweep([script]).output == "")
        #expect(try await fixture.sweep(["--since", "1h", script]).output == "paid order-1 5.00\n")
        #expect(try await fixture.sweep(["--since", "1h", script]).output == "")
    }

    @Test func eachPaymentOfAReusableLinkIsFollowedUp() async throws {
        let fixture = try await Fixture.make()
        let script = try fixture.script(#"paylink.on("paid", function(l) print(l.payment_count, l.payment.id) end)"#)
        let id = try await fixture.create("tips", ["--reusable"])
        #expect(try await fixture.sweep([script]).output == "")
        var seen: Set<String> = []
        for _ in 1...3 {
            try await fixture.sandbox.pay(id)
            let outcome = try await fixture.sweep([script])
            #expect(outcome.lines.count == 1, "\(outcome)")
            seen.formUnion(outcome.lines)
        }
        #expect(seen.count == 3)
    }

    @Test func aFailureOfOneNeverHoldsUpTheOthers() async throws {
        let fixture = try await Fixture.make(["--pay-after", "300ms"])
        let script = try fixture.script(
            """
            paylink.on("paid", function(link)
              if link.key == "order-1" then error("no stock") end
              if link.key == "order-2" then sleep("1h") end
              if link.key == "order-3" then return nil, "not today" end
              print("shipped " .. link.key)
            end, { mode = "at_least", pause = "100ms", attempts = 2, timeout = "1s" })
            """)
        let watch = try fixture.watch([script])
        for number in 1...5 { _ = try await fixture.create("order-\(number)") }
        _ = try await watch.line { $0 == "shipped order-4" }
        _ = try await watch.line { $0 == "shipped order-5" }
        try await watch.message { $0.filter { $0.contains("left to you") }.count == 3 }
        watch.send(SIGINT)
        let outcome = try await watch.finish()
        #expect(outcome.status == 130)
        for part in ["no stock", "not today", "not done within 1s"] {
            #expect(outcome.errors.components(separatedBy: part).count == 3, "\(part): \(outcome.errors)")
        }
        let doubt = try await fixture.sandbox.run(["ledger", "doubt", "list"], fixture.environment)
        for number in 1...3 { #expect(doubt.output.contains("watch:fulfil:paid:"), "\(number): \(doubt)") }
        // A sweep says that something is left.
        #expect(try await fixture.sweep([script]).status == 75)
    }

    @Test func whatMayHappenOnceIsLeftToAPersonAndRunsWhenTheySaySo() async throws {
        let fixture = try await Fixture.make()
        let script = try fixture.script(
            #"paylink.on("paid", function(l) if arg[1] == "fail" then error("oops") end print("shipped " .. l.key) end)"#
        )
        let id = try await fixture.create("order-1")
        _ = try await fixture.sweep([script])
        try await fixture.sandbox.pay(id)
        #expect(try await fixture.sweep([script, "fail"]).status == 75)
        let second = try await fixture.sweep([script])
        #expect(second.status == 75)
        #expect(second.errors.contains("paylink ledger doubt resolve watch:fulfil:paid:\(id)"), "\(second.errors)")
        let resolved = try await fixture.sandbox.run(
            ["ledger", "doubt", "resolve", "watch:fulfil:paid:\(id)", "--retry"], fixture.environment)
        #expect(resolved.status == 0, "\(resolved)")
        let third = try await fixture.sweep([script])
        #expect(third.output == "shipped order-1\n")
        #expect(third.status == 0)
    }

    /// A failure is tried again for as long as the operator says, by later sweeps too, and not before its pause is over.
    @Test func aSweepLeavesAFailureToItsPauseAndTheOperatorSaysForHowLong() async throws {
        let fixture = try await Fixture.make()
        let script = try fixture.script(
            #"paylink.on("paid", function(l) print("begun") error("no") end, { mode = "at_least", pause = arg[1] })"#)
        _ = try await fixture.sweep([script, "1h"])
        try await fixture.sandbox.pay(try await fixture.create("order-1"))
        let first = try await fixture.sweep([script, "1h"])
        #expect(first.status == 75 && first.output == "begun\n", "\(first)")
        #expect(
            first.errors.contains("s tries again") && first.errors.contains("1 failed, 1 to be tried again"), "\(first)"
        )
        let second = try await fixture.sweep([script, "1h"])
        #expect(
            second.status == 75 && second.output == "" && second.errors.contains("0 failed, 1 to be tried again"),
            "\(second)")
        // Ten runs are more than there used to be.
        for _ in 1...9 { #expect(try await fixture.sweep([script, "1ms"]).output == "begun\n") }
        let over = try await fixture.sweep(["--retry-for", "1ms", script, "1ms"])
        #expect(over.output == "" && over.status == 75, "\(over)")
        #expect(over.errors.contains("was begun 10 times and did not succeed"), "\(over)")
        try fixture.folder.write("paylink.toml", "[watch]\nretry_for = \"1ms\"\n")
        #expect(try await fixture.sweep([script, "1ms"]).output == "", "a settings file says it as well")
    }

    @Test func whatIsRecordedAsDoneIsNotSaidToBeTriedAgain() async throws {
        let fixture = try await Fixture.make()
        let script = try fixture.script(
            #"paylink.on("paid", function(l) print("shipped") return print end, { mode = "at_least" })"#)
        _ = try await fixture.sweep([script])
        try await fixture.sandbox.pay(try await fixture.create("order-1"))
        let outcome = try await fixture.sweep([script])
        #expect(outcome.status == 0 && outcome.output == "shipped\n", "\(outcome)")
        #expect(outcome.errors.contains("is done: it is recorded, but its result cannot be: "), "\(outcome)")
        #expect(!outcome.errors.contains("tries again") && !outcome.errors.contains("failed"), "\(outcome)")
        let again = try await fixture.sweep([script])
        #expect(again.status == 0 && again.output == "" && again.errors == "", "\(again)")
    }

    @Test func aLoopEndsTheWatchAndIsNotRepeated() async throws {
        let fixture = try await Fixture.make()
        let script = try fixture.script(#"paylink.on("paid", function(l) print("begun") while true do end end)"#)
        let id = try await fixture.create("order-1")
        _ = try await fixture.sweep([script])
        try await fixture.sandbox.pay(id)
        let outcome = try await fixture.sweep(["--max-busy", "300ms", script])
        #expect(outcome.status == 124, "\(outcome)")
        let again = try await fixture.sweep(["--max-busy", "300ms", script])
        #expect(again.output == "" && again.status == 75, "\(again)")
    }

    @Test func twoWatchesOfOneNameShareTheWork() async throws {
        let fixture = try await Fixture.make(["--pay-after", "500ms"])
        let script = try fixture.script(Self.plain)
        let watches = try [fixture.watch([script]), fixture.watch([script])]
        for number in 1...6 { _ = try await fixture.create("order-\(number)") }
        var lines: [String] = []
        for _ in 0..<200 where lines.count < 6 {
            try await Task.sleep(for: .milliseconds(50))
            lines = try await fixture.effects()
        }
        for watch in watches { watch.send(SIGTERM) }
        var printed: [String] = []
        for watch in watches { printed += try await watch.finish().lines }
        #expect(printed.sorted() == (1...6).map { "paid order-\($0) 5.00" })
    }
}

extension WatchTests.Fixture {
    /// The effects that are done, by the ledger.
    fileprivate func effects() async throws -> [String] {
        let outcome = try await sandbox.run(["ledger", "list", "--json"], environment)
        return outcome.lines.filter { $0.contains("\"paid\"") }
    }
}
