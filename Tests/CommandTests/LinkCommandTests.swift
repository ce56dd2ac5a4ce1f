// `paylink create`, `get` and `wait`: what they print, as text, as JSON and with a QR code.

import Foundation
import OneShotPay
import Recorder
import Testing

@Suite struct LinkCommandTests {
    static let unknown = "01890a5d-ac96-774b-bcce-b302099a8057"

    @Test func createPrintsTheLinkAsText() async throws {
        let sandbox = try await SandboxProcess.start()
        let outcome = try await sandbox.run(["create", "--amount", "12.50", "--description", "Order 1001"])
        #expect(outcome.status == 0)
        #expect(outcome.errors == "")
        let link = try #require(try await sandbox.links().first)
        let id = try #require(link["id"]?.string)
        let base = try #require(sandbox.variables["PAYLINK_BASE_URL"])
        #expect(
            Array(outcome.lines.prefix(5)) == [
                "id           \(id)", "url          \(base)/en/link/\(id)", "status       active",
                "amount       12.50 USD",
                "description  Order 1001",
            ])
        #expect(outcome.lines.count == 6)
        #expect(outcome.lines.last?.isWhole(#"expires {6}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"#) == true)
    }

    @Test func createSendsEveryTermAndPrintsJSON() async throws {
        let sandbox = try await SandboxProcess.start()
        let payer = "123e4567-e89b-12d3-a456-426614174000"
        let link = try await sandbox.created([
            "--amount", "0.000001", "--description", "Tea \"ñ\"\n日本", "--expires-in", "15m", "--media-url",
            "https://example.com/a.png?x=1&y=2",
            "--reusable", "--payer", payer, "--close-on-complete", "--locale", "es",
        ])
        let base = try #require(sandbox.variables["PAYLINK_BASE_URL"])
        let id = try #require(link["id"]?.string)
        #expect(id.isWhole(Pattern.id))
        #expect(link["url"]?.string == "\(base)/es/link/\(id)?closeOnComplete=true")
        #expect(link["agent_url"]?.string == "\(base)/api/link/\(id)")
        #expect(link["amount"]?.string == "0.000001")
        #expect(link["description"]?.string == "Tea \"ñ\"\n日本")
        #expect(link["media_url"]?.string == "https://example.com/a.png?x=1&y=2")
        #expect(link["reusable"]?.flag == true)
        #expect(link["payer"]?.string == payer)
        #expect(link["status"]?.string == "active")
        #expect(link["payment_count"]?.integer == 0)
        #expect(link["payment"] == nil)
        let published = try #require(try await sandbox.links().first)
        #expect(published["amount"]?.integer == 1)
        #expect(published["requestedPayerUserId"]?.string == payer)
        let created = try #require(published["createdTimestamp"]?.integer),
            expires = try #require(link["expires_at"]?.integer)
        #expect(((created + 890)...(created + 910)).contains(expires))
    }

    /// What the command shares with `get` are the options of the service, the language of pages among them.
    @Test func createHasAnOptionForEveryTerm() async throws {
        func options(_ command: String) async throws -> Set<String> {
            let outcome = try await PaylinkProcess.run([command, "--help-hidden"])
            let words = outcome.output.split { " \n".contains($0) }.filter { $0.hasPrefix("--") }
            return Set(words.map { String($0.dropFirst(2)) })
        }
        let create = try await options("create"), shared = try await options("get")
        let terms = LinkOrder.terms.map { $0.name.description.replacingOccurrences(of: "_", with: "-") }
        #expect(create.isSuperset(of: terms), "\(Set(terms).subtracting(create)) are missing")
        #expect(create.subtracting(shared) == Set(terms + ["key", "reissue"]).subtracting(shared))
    }

    @Test(arguments: [("4102444800", Int64(4_102_444_800)), ("2100-01-01T01:00:00+01:00", 4_102_444_800)])
    func createTakesTheMomentAtWhichALinkExpires(_ text: String, _ seconds: Int64) async throws {
        let sandbox = try await SandboxProcess.start()
        let link = try await sandbox.created(["--amount", "1", "--description", "Tea", "--expires-at", text])
        #expect(link["expires_at"]?.integer == Int(seconds))
    }

    static let badMoments: [([String], Int32, String)] = [
        (["--expires-at", "tomorrow"], 65, "--expires-at: \"tomorrow\" is no moment: give Unix seconds"),
        (["--expires-at", "4102444800", "--expires-in", "1h"], 64, "--expires-in and --expires-at: a link ends once"),
        (["--expires-at", "1"], 65, "expires_at"),
    ]

    @Test(arguments: badMoments) func createSaysWhatIsWrongWithAMoment(
        _ options: [String], _ status: Int32, _ says: String
    ) async throws {
        let sandbox = try await SandboxProcess.start()
        let outcome = try await sandbox.run(["create", "--amount", "1", "--description", "Tea"] + options)
        #expect(outcome.status == status && outcome.errors.contains(says), "\(outcome)")
        #expect(try await sandbox.links().isEmpty)
    }

    @Test(arguments: [false, true])
    func createShowsAQRCode(asJSON: Bool) async throws {
        let sandbox = try await SandboxProcess.start()
        let arguments = ["create", "--amount", "3", "--description", "Coffee", "--qr"]
        let outcome = try await sandbox.run(arguments + (asJSON ? ["--json"] : []))
        #expect(outcome.status == 0)
        if asJSON {
            #expect(try JSON(parsing: outcome.output)["amount"]?.string == "3.00")
            expectQRCode(outcome.errors.split(separator: "\n").map(String.init))
        } else {
            expectQRCode(Array(outcome.lines.drop { !$0.contains("█") }))
        }
    }

    /// Not on a terminal: once for a dark background, once for a light one.
    private func expectQRCode(_ lines: [String]) {
        let blocks = Set(" █▀▄")
        #expect(lines.count >= 30)
        #expect(lines.allSatisfy { $0.allSatisfy(blocks.contains) })
        let codes = lines.filter { !$0.isEmpty }
        #expect(Set(codes.map(\.count)).count == 1, "every row is as wide as the others")
        let opposite: [Character: Character] = ["█": " ", " ": "█", "▀": "▄", "▄": "▀"]
        #expect(
            codes.count % 2 == 0
                && codes.prefix(codes.count / 2).map { String($0.map { opposite[$0] ?? $0 }) }
                    == Array(codes.suffix(codes.count / 2))
        )
    }

    @Test func getPrintsTheStateAfterPayment() async throws {
        let sandbox = try await SandboxProcess.start(["--settle-after", "1h"])
        let id = try #require(try await sandbox.created()["id"]?.string)
        try await sandbox.pay(id)
        let text = try await sandbox.run(["get", id])
        #expect(text.status == 0)
        #expect(text.lines.contains("status       paid"))
        #expect(text.lines.contains { $0.isWhole(#"payment {6}\#(Pattern.id), 12\.50 USD"#) }, "\(text.output)")
        #expect(text.lines.contains("transaction  not settled yet"))
        let json = try JSON(parsing: try await sandbox.run(["get", id, "--json"]).output)
        #expect(json["status"]?.string == "paid")
        #expect(json["payment"]?["amount"]?.string == "12.50")
        #expect(json["payment"]?["transaction_hash"]?.isNull == true)
        #expect(json["payment_count"]?.integer == 1)
    }

    @Test func amountsInJSONAreAlwaysStrings() async throws {
        let sandbox = try await SandboxProcess.start()
        for (given, shown) in [
            ("1", "1.00"), ("0.1", "0.10"), ("1000000000", "1000000000.00"), ("12.5000000", "12.50"), ("8.20", "8.20"),
        ] {
            let link = try await sandbox.created(["--amount", given])
            #expect(link["amount"]?.string == shown, "\(link)")
        }
    }

    @Test func waitEndsWhenTheLinkIsPaid() async throws {
        let sandbox = try await SandboxProcess.start()
        let id = try #require(try await sandbox.created()["id"]?.string)
        let waiting = try sandbox.start(["wait", id, "--timeout", "50s", "--json"])
        try await sandbox.untilAskedFor(id)
        try await sandbox.pay(id)
        let outcome = try await waiting.finish()
        #expect(outcome.status == 0)
        #expect(outcome.errors == "")
        #expect(try JSON(parsing: outcome.output)["status"]?.string == "paid")
    }

    @Test func waitSettledEndsWithTheTransactionHash() async throws {
        let sandbox = try await SandboxProcess.start(["--settle-after", "1h"])
        let id = try #require(try await sandbox.created()["id"]?.string)
        try await sandbox.pay(id)
        let waiting = try sandbox.start(["wait", id, "--settled", "--timeout", "50s", "--json"])
        try await sandbox.untilAskedFor(id)
        try await sandbox.advance(seconds: 3601)
        let link = try JSON(parsing: try await waiting.finish().output)
        #expect(link["payment"]?["transaction_hash"]?.string?.hasPrefix("0x") == true, "\(link)")
    }

    @Test(arguments: [("expire", "expired"), ("archive", "archived"), ("ignore", "ignored")])
    func waitEndsWhenTheLinkCanNoLongerBePaid(_ call: String, _ code: String) async throws {
        let sandbox = try await SandboxProcess.start()
        let id = try #require(
            try await sandbox.created(["--payer", "123e4567-e89b-12d3-a456-426614174000"])["id"]?.string)
        try await sandbox.control("POST", "\(call)/\(id)")
        let outcome = try await sandbox.run(["wait", id, "--json"])
        #expect(outcome.status == 1)
        #expect(outcome.errors.hasPrefix("paylink: \(code): link \(id) "), "\(outcome.errors)")
        let error = try JSON(parsing: outcome.output)["error"]
        #expect(error?["code"]?.string == code)
        #expect(error?["link"]?["id"]?.string == id)
    }

    @Test func waitPrintsTheLastStateWhenItsTimeIsOver() async throws {
        let sandbox = try await SandboxProcess.start()
        let id = try #require(try await sandbox.created()["id"]?.string)
        let outcome = try await sandbox.run(["wait", id, "--timeout", "300ms", "--json"])
        #expect(outcome.status == 124)
        #expect(outcome.errors == "paylink: timeout: link \(id) was not paid in time; last seen active\n")
        let error = try JSON(parsing: outcome.output)["error"]
        #expect(error?["code"]?.string == "timeout")
        #expect(error?["retryable"]?.flag == true)
        #expect(error?["link"]?["status"]?.string == "active")
    }

    @Test(arguments: ["get", "wait"])
    func sayWhichLinkDoesNotExist(_ command: String) async throws {
        let sandbox = try await SandboxProcess.start()
        let outcome = try await sandbox.run([command, Self.unknown, "--json"])
        #expect(outcome.status == 1)
        #expect(
            outcome.errors.hasPrefix("paylink: not_found: getting link \(Self.unknown): not found"), "\(outcome.errors)"
        )
        let error = try JSON(parsing: outcome.output)["error"]
        #expect(error?["code"]?.string == "not_found")
        #expect(error?["status"]?.integer == 404)
        #expect(error?["retryable"]?.flag == false)
    }

    @Test func tellsOfItsLooksWhenAsked() async throws {
        let sandbox = try await SandboxProcess.start()
        let id = try #require(try await sandbox.created()["id"]?.string)
        let process = try sandbox.start(["wait", id, "--verbose", "--timeout", "60s"])
        try await sandbox.untilAskedFor(id)
        try await sandbox.pay(id)
        let outcome = try await process.finish()
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.errors.contains("link \(id): active; next look in "), "\(outcome.errors)")
        #expect(outcome.errors.contains("by its age") && outcome.errors.contains("the wait is over"))
        #expect(outcome.errors.contains("a payment goes unseen for at most"), "\(outcome.errors)")
        #expect(try await sandbox.run(["wait", id]).errors == "")
    }
}
