// The table of docs/what-paid-means.md, row by row on the sandbox: what the cells say is what is observed.

import Foundation
import TestSupport
import Testing

/// One row: what a merchant asked for, what came of it, and how that is brought about.
struct PaidRow: Sendable, CustomTestStringConvertible {
    var asked: String
    var came: String
    var options: [String] = []
    /// How long the waits last at most.
    var timeout = "300ms"
    var arrange: @Sendable (SettlementFixture, String) async throws -> Void

    var testDescription: String { "\(asked): \(came)" }

    static let all: [PaidRow] = [
        PaidRow(asked: "12.50", came: "nothing yet") { _, _ in },
        PaidRow(asked: "12.50", came: "12.50") { try await $0.sandbox.pay($1) },
        PaidRow(asked: "12.50", came: "20.00") { try await $0.sandbox.pay($1, "20") },
        PaidRow(asked: "12.50", came: "0.01") { try await $0.sandbox.pay($1, "0.01") },
        PaidRow(asked: "what the payer likes", came: "3.00") {
            try await $0.sandbox.control("POST", "payer-defined/\($1)")
            try await $0.sandbox.pay($1, "3")
        },
        PaidRow(asked: "12.50", came: "12.50, counted and shown a little later", timeout: "60s") {
            try await $0.sandbox.control("POST", "pay/\($1)", #"{"shown": false}"#)
            let sandbox = $0.sandbox, id = $1
            // Shown once it was looked at.
            Task {
                try await sandbox.untilAskedFor(id)
                try await sandbox.control("POST", "show/\(id)")
            }
        },
        PaidRow(asked: "12.50", came: "something, counted and never shown", timeout: "60s") {
            try await $0.sandbox.control("POST", "pay/\($1)", #"{"shown": false}"#)
        },
        PaidRow(asked: "12.50", came: "nothing, and it expired") {
            try await $0.sandbox.control("POST", "expire/\($1)")
        },
        PaidRow(asked: "12.50", came: "nothing, and it was archived") {
            try await $0.sandbox.control("POST", "archive/\($1)")
        },
        PaidRow(
            asked: "12.50", came: "nothing, and its payer dismissed it",
            options: ["--payer", "123e4567-e89b-12d3-a456-426614174000"]
        ) { try await $0.sandbox.control("POST", "ignore/\($1)") },
        PaidRow(asked: "12.50", came: "12.50 after it had expired unseen") {
            try await $0.sandbox.control("POST", "expire/\($1)")
            try await $0.sandbox.control("POST", "pay/\($1)", #"{"late": true}"#)
        },
        PaidRow(asked: "12.50", came: "12.50 after its expiry was seen") {
            try await $0.sandbox.control("POST", "expire/\($1)")
            try await $0.seeExpiry()
            try await $0.sandbox.control("POST", "pay/\($1)", #"{"late": true}"#)
        },
        PaidRow(asked: "12.50", came: "0.01 after its expiry was seen") {
            try await $0.sandbox.control("POST", "expire/\($1)")
            try await $0.seeExpiry()
            try await $0.sandbox.control("POST", "pay/\($1)", #"{"late": true, "amount": "0.01"}"#)
        },
        PaidRow(asked: "12.50", came: "not known: the service was never seen") { fixture, id in
            try await fixture.sandbox.addFault(
                #"{"endpoint": "get", "action": "status", "status": 503, "link": "\#(id)"}"#)
        },
        PaidRow(asked: "12.50, reusable", came: "nothing yet", options: ["--reusable"]) { _, _ in },
        PaidRow(asked: "12.50, reusable", came: "12.50", options: ["--reusable"]) { try await $0.sandbox.pay($1) },
        PaidRow(asked: "12.50, reusable", came: "0.01", options: ["--reusable"]) {
            try await $0.sandbox.pay($1, "0.01")
        },
        PaidRow(asked: "12.50, reusable", came: "12.50, reported and followed up before", options: ["--reusable"]) {
            try await $0.sandbox.pay($1)
            try await $0.settle($1)
        },
        PaidRow(asked: "12.50, reusable", came: "13.00 after a payment that was reported", options: ["--reusable"]) {
            try await $0.sandbox.pay($1)
            try await $0.settle($1)
            try await $0.sandbox.pay($1, "13")
        },
        PaidRow(asked: "12.50, reusable", came: "12.50 three times between two looks", options: ["--reusable"]) {
            try await $0.sandbox.control("POST", "pay/\($1)", #"{"count": 3}"#)
        },
        PaidRow(asked: "12.50, reusable", came: "12.50, counted and not shown", options: ["--reusable"]) {
            try await $0.sandbox.control("POST", "pay/\($1)", #"{"shown": false}"#)
        },
    ]
}

@Suite struct WhatPaidMeansTests {
    @Test func everyRowOfTheTableHasACaseAndEveryCaseARow() throws {
        let rows = try PaidTable().rows.map { "\($0[0]): \($0[1])" }
        #expect(rows == PaidRow.all.map(\.testDescription))
    }

    @Test(arguments: PaidRow.all)
    func theRowSaysWhatIsObserved(_ row: PaidRow) async throws {
        let table = try PaidTable()
        #expect(
            table.columns == [
                "asked", "what came", "`paylink.wait` gives", "`err.payable`", "`watch` fires", "`status`",
                "`received`",
                "`unseen_payments`", "status of `paylink wait`",
            ])
        let cells = try #require(table.row(row.asked, row.came))
        // Each observer has a link and a ledger of its own, so that none sees what another one recorded.
        let sandbox = try await SandboxProcess.start()
        async let script = SettlementFixture.make(sandbox).waitInAScript(row)
        async let status = SettlementFixture.make(sandbox).waitInTheShell(row)
        async let watched = SettlementFixture.make(sandbox).watch(row)
        let (gives, payable) = try await script
        let observed = try await [row.asked, row.came, gives, payable] + watched + [status]
        #expect(observed == cells)
    }
}

/// The table as it is written.
private struct PaidTable {
    var columns: [String] = []
    var rows: [[String]] = []

    init() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/what-paid-means.md")
        let lines = try String(contentsOf: page, encoding: .utf8).split(separator: "\n").map(String.init)
        let first = try #require(lines.firstIndex { $0.hasPrefix("| asked |") })
        columns = Self.cells(lines[first])
        for line in lines[(first + 2)...] {
            guard line.hasPrefix("|") else { break }
            rows.append(Self.cells(line))
        }
    }

    func row(_ asked: String, _ came: String) -> [String]? { rows.first { $0[0] == asked && $0[1] == came } }

    private static func cells(_ line: String) -> [String] {
        line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
            .map { $0.trimmingCharacters(in: .whitespaces) }
    }
}

/// A sandbox, a ledger of its own, and a watch that has begun before any link is made.
struct SettlementFixture: Sendable {
    let fixture: WatchTests.Fixture
    private let follow: String
    private let wait: String
    var sandbox: SandboxProcess { fixture.sandbox }

    static func make(_ sandbox: SandboxProcess) async throws -> SettlementFixture {
        let fixture = WatchTests.Fixture(sandbox: sandbox, folder: try TemporaryFolder())
        let follow = try fixture.script(
            """
            for _, event in ipairs{ "paid", "underpaid", "expired" } do
              paylink.on(event, function(link) print(link.id, event) end)
            end
            """)
        let wait = try fixture.script(
            """
            local link, err = paylink.wait(arg[1], { timeout = arg[2] })
            local seen = link or err.link
            local gives = link and "the link" or "`" .. err.code .. "`"
            for _, name in ipairs{ "missing", "overpaid" } do
              if seen and seen[name] then gives = gives .. ", `" .. name .. "` " .. tostring(seen[name]) end
            end
            print(gives)
            print(link and "" or err.payable == nil and "nil" or err.payable and "yes" or "no")
            """, "wait.lua")
        let made = SettlementFixture(fixture: fixture, follow: follow, wait: wait)
        _ = try await fixture.sweep([follow])
        return made
    }

    private func link(_ row: PaidRow, _ key: String) async throws -> String {
        let outcome = try await sandbox.run(
            ["create", "--key", key, "--amount", "12.50", "--description", "Tea", "--json"] + row.options,
            fixture.environment)
        let id = try #require(try JSON(parsing: outcome.output)["id"]?.string, "\(outcome)")
        try await row.arrange(self, id)
        return id
    }

    /// Brings it about that what was paid so far is reported and followed up.
    func settle(_ id: String) async throws {
        let waited = try await sandbox.run(["wait", id], fixture.environment)
        #expect(waited.status == 0, "\(waited)")
        try await sweep()
    }

    /// A watch looks and follows up what it sees.
    func sweep() async throws { _ = try await fixture.sweep([follow]) }

    /// The same, and it looks for no late payment yet, however long it takes.
    func seeExpiry() async throws { _ = try await fixture.sweep(["--late-grace", "0s", follow]) }

    func waitInAScript(_ row: PaidRow) async throws -> (gives: String, payable: String) {
        let id = try await link(row, "script")
        let outcome = try await sandbox.run(["run", wait, id, row.timeout], fixture.environment)
        let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        try #require(lines.count == 3, "\(outcome)")
        return (lines[0], lines[1])
    }

    func waitInTheShell(_ row: PaidRow) async throws -> String {
        let id = try await link(row, "shell")
        let outcome = try await sandbox.run(["wait", id, "--timeout", row.timeout], fixture.environment)
        return outcome.status.map(String.init) ?? "none"
    }

    /// What a watch fires, and what the ledger says then: status, received, unseen_payments.
    func watch(_ row: PaidRow) async throws -> [String] {
        let id = try await link(row, "watch")
        var events: [String] = []
        // The first look for a late payment is due two seconds after the end was seen.
        for attempt in 0..<(row.came.hasSuffix("after its expiry was seen") ? 20 : 1) where events.isEmpty {
            if attempt > 0 { try await Task.sleep(for: .milliseconds(200)) }
            let swept = try await fixture.sweep([follow])
            events = swept.lines.filter { $0.hasPrefix(id) }.map { "`" + $0.dropFirst(id.count + 1) + "`" }
        }
        let exported = try await sandbox.run(["ledger", "export"], fixture.environment)
        let names = try #require(exported.lines.first).split(separator: ",").map(String.init)
        // No cell before the description has a comma in it.
        let line = try #require(exported.lines.first { $0.hasPrefix("watch,") }, "\(exported)")
        let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let shown = try ["status", "received", "unseen_payments"].map { name in
            cells[try #require(names.firstIndex(of: name))]
        }
        let listed = try await sandbox.run(["ledger", "list"], fixture.environment)
        #expect(listed.lines.first { $0.hasPrefix("watch ") }?.contains(" \(shown[0]) ") == true, "\(listed)")
        return [events.isEmpty ? "nothing" : events.joined(separator: ", "), "`\(shown[0])`", shown[1], shown[2]]
    }
}
