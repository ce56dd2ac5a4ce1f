// How the payer of a sandbox can be told to pay: a payment that counts before it is shown, an amount of its own choice.

import Testing

@Suite struct SandboxPayerTests {
    @Test func aPaymentCountsBeforeItIsShown() async throws {
        let sandbox = try await SandboxProcess.start(["--pay-after", "1s", "--pay-hidden", "30m"])
        let id = try #require(try await sandbox.created()["id"]?.string)
        try await sandbox.advance(seconds: 2)
        let counted = try JSON(parsing: try await sandbox.run(["get", id, "--json"]).output)
        #expect(counted["payment_count"]?.integer == 1 && counted["payment"] == nil, "\(counted)")
        try await sandbox.advance(seconds: 1_800)
        let shown = try JSON(parsing: try await sandbox.run(["get", id, "--json"]).output)
        #expect(shown["payment_count"]?.integer == 1 && shown["received"]?.string == "12.50", "\(shown)")
    }

    @Test func aScriptIsGivenThePaymentOnceItIsShown() async throws {
        let outcome = try await PaylinkProcess.sandboxed(
            """
            local link = assert(paylink.create{ amount = "12.50", description = "Tea" })
            local paid = assert(link:wait())
            print(paid.status, paid.payment and paid.payment.amount)
            """, ["--pay-hidden", "500ms"])
        #expect(outcome.output == "paid\t12.50\n" && outcome.errors == "", "\(outcome)")
    }

    @Test func thePayerDefinesTheAmount() async throws {
        let outcome = try await PaylinkProcess.sandboxed(
            """
            local link = assert(paylink.create{ amount = "12.50", description = "Tea" })
            local paid = assert(link:wait())
            print(paid.payer_defined_amount, paid.payment.amount, paid.missing)
            """, ["--payer-defined", "--pay-amount", "3"])
        #expect(outcome.output == "true\t3.00\tnil\n" && outcome.errors == "", "\(outcome)")
    }

    @Test(arguments: [["--pay-hidden", "1s"], ["--payer-defined"]])
    func isForASandbox(options: [String]) async throws {
        let outcome = try await PaylinkProcess.run(["run"] + options + ["-e", "print(1)"])
        #expect(outcome.status == 64 && outcome.errors.contains("\(options[0]) is for --sandbox"), "\(outcome)")
        let hidden = try await PaylinkProcess.run(["sandbox", "--pay-hidden", "soon"])
        #expect(hidden.status == 64 && hidden.errors.contains("--pay-hidden"), "\(hidden)")
    }
}
