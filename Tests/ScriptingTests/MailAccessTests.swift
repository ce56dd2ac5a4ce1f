// Whom a script may write to.

import Glibc
import Mail
import TestSupport
import Testing

@testable import Scripting

@Suite struct MailAccessTests {
    @Test(arguments: [
        (["a@shop.example"], "a@shop.example", true), (["a@shop.example"], "b@shop.example", false),
        (["a@shop.example"], "A@SHOP.example", true), (["a@shop.example"], "aa@shop.example", false),
        (["a@shop.example"], "a@shop.example.evil.example", false), (["a@shop.example"], "Anna <a@shop.example>", true),
        (["a@shop.example"], "\"a@shop.example\" <b@evil.example>", false),
        (["@shop.example"], "anybody@shop.example", true), (["@shop.example"], "a@Shop.Example", true),
        (["@shop.example"], "a@sub.shop.example", false), (["@shop.example"], "a@myshop.example", false),
        (["@shop.example"], "a@shop.example.evil", false), (["*"], "a@b", true), ([], "a@b", false),
        (["@x.example", "b@y.example"], "b@y.example", true), (["@x.example", "b@y.example"], "c@y.example", false),
        (["@caf\u{e9}.example"], "a@caf\u{e9}.example", true), (["@caf\u{e9}.example"], "a@cafe\u{301}.example", true),
        (["@xn--caf-dma.example"], "a@Caf\u{e9}.example", true), (["@cafe.example"], "a@caf\u{e9}.example", false),
    ])
    func aRuleMeansWhatItSays(_ rules: [String], _ address: String, _ expected: Bool) throws {
        var access = MailAccess()
        for rule in rules { try access.allow(rule) }
        #expect(access.allows(try MailAddress(parsing: address, field: "to")) == expected)
    }

    @Test(arguments: [
        "", "@", "shop.example", "a@", "a@b c", "Anna <a@shop.example>", " a@b", "a@b ", "**", "*@shop.example",
        "@*.shop.example",
        "a@b,c@d", "@@shop.example", "a@b\n",
    ])
    func whatIsNoRuleIsRefused(_ rule: String) {
        var access = MailAccess()
        #expect(throws: MailAccess.Problem.self) { try access.allow(rule) }
        #expect(access == MailAccess())
    }

    /// Every recipient counts, whichever way it is given; where one may not get the mail, nobody does.
    @Test(arguments: [
        ("to = \"evil@x.example\"", "evil@x.example; the right to send mail to evil@x.example"),
        ("to = { \"ok@shop.example\", \"evil@x.example\" }", "evil@x.example;"),
        ("to = \"ok@shop.example\", cc = \"evil@x.example\"", "evil@x.example;"),
        ("to = \"ok@shop.example\", bcc = { \"one@x.example\", \"two@x.example\" }", "one@x.example and 1 more;"),
        ("to = \"ok@shop.example <evil@x.example>\"", nil),
    ])
    func oneStrangerIsEnough(_ recipients: String, _ told: String?) async throws {
        let folder = try TemporaryFolder()
        for isDryRun in [false, true] {
            let run = try await ScriptHarness.run(
                """
                local sent, err = mail.send{ from = "a@shop.example", subject = "s", text = "x", \(recipients) }
                assert(sent == nil and err.code == "\(told == nil ? "invalid_mail" : "not_allowed")", tostring(err))
                assert(not err.retryable and err.message:find("\(told ?? "ok@shop")", 1, true), err.message)
                """, in: folder
            ) {
                try? $0.options.recipients.allow("@shop.example")
                $0.options.isDryRun = isDryRun
                $0.options.mail.server = "/bin/true"
            }
            #expect(run.result == .finished(status: 0), "\(run.result)")
        }
    }

    @Test func whoIsAllowedGetsIt() async throws {
        let folder = try TemporaryFolder()
        let sendmail = try folder.write("sendmail", "#!/bin/sh\ncat > /dev/null\n")
        chmod(sendmail, 0o755)
        let run = try await ScriptHarness.run(
            """
            assert(mail.send{ from = "a@x.example", reply_to = "any@x.example", to = "Ok <ok@shop.example>", subject = "s", text = "x" })
            """, in: folder
        ) {
            try? $0.options.recipients.allow("ok@shop.example")
            $0.options.mail.server = sendmail
        }
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }
}
