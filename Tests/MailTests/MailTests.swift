// Messages as bytes, and what no message may hold.

import Foundation
import Testing

@testable import Mail

@Suite struct MessageTests {
    static func mail(_ adjust: (inout MailMessage) -> Void = { _ in }) throws -> MailMessage {
        var mail = MailMessage(
            from: try MailAddress(parsing: "Shop <shop@shop.example>", field: "from"), token: "t-1", date: 1_795_583_560
        )
        mail.to = [try MailAddress(parsing: "anna@mail.example", field: "to")]
        mail.subject = "Order 1001"
        mail.text = "Thank you"
        adjust(&mail)
        return mail
    }

    @Test(
        arguments: [
            ("a@b", nil, "a@b"), ("Anna <a@b.example>", "Anna", "a@b.example"),
            ("\"Berg, \\\"A\\\"\" <a@b>", "Berg, \"A\"", "a@b"), ("Jürgen Groß <j@b>", "Jürgen Groß", "j@b"),
            ("<a@b>", nil, "a@b"), ("root@localhost", nil, "root@localhost"),
            ("a+b=c@[127.0.0.1]", nil, "a+b=c@[127.0.0.1]"),
            ("o'brien@müller.example", nil, "o'brien@xn--mller-kva.example"),
            ("a@MÜLLER.example", nil, "a@xn--mller-kva.example"), ("a@Shop.example", nil, "a@Shop.example"),
            ("jürgen@日本語。テスト", nil, "jürgen@xn--wgv71a119e.xn--zckzah"),
        ] as [(String, String?, String)])
    func addressesAreRead(_ text: String, _ name: String?, _ spec: String) throws {
        let address = try MailAddress(parsing: text, field: "to")
        #expect(address.name == name && address.spec == spec)
    }

    @Test(arguments: [
        "", " ", "a", "@b", "a@", "a b@c", "a@b c", "a@b\r\nBcc: x@y", "A\nB <a@b>", "a\u{0}@b", "a@b, c@d",
        "Berg, A <a@b>",
        "\"open <a@b>", "a..b@c", ".a@b", "a.@b", "a@b..c", "a@-b", "a@b>", "<a@b> x", "a@b\u{2028}c", "x\u{85} <a@b>",
        "a\u{202E}@b", "a@b;c", "\"q\"@b", "A <b@c> <d@e>", "a@b\u{A0}c",
        "a@☃.example", "a@x／y.example", "a@-ü.example", "a@ü..example",
    ])
    func whatIsNoAddressIsRefused(_ text: String) {
        #expect(throws: MailFailure.self) { try MailAddress(parsing: text, field: "to") }
    }

    @Test(arguments: ["a\r\nBcc: x@y", "a\nb", "a\rb", "a\u{0}b", "a\u{85}b", "a\u{2028}b", "a\u{7F}b"])
    func noFieldTakesControlCharacters(_ text: String) throws {
        let bad: [MailMessage] = try [
            Self.mail { $0.subject = text }, Self.mail { $0.token = text }, Self.mail { $0.headers = [("X-A", text)] },
            Self.mail { $0.headers = [(text, "a")] },
        ]
        for mail in bad {
            let failure = #expect(throws: MailFailure.self) { try mail.compose() }
            #expect(failure?.code == .invalid)
        }
        #expect(throws: MailFailure.self) { try MailAttachment(name: text, mediaType: nil, bytes: []) }
        #expect(throws: MailFailure.self) { try MailAttachment(name: "a", mediaType: text, bytes: []) }
    }

    @Test(arguments: ["Bcc", "bcc", "From", "Content-Type", "Resent-To", "Message-ID", "A B", "A:", ""])
    func headersOfTheComposerCannotBeGiven(_ name: String) throws {
        let mail = try Self.mail { $0.headers = [(name, "x")] }
        #expect(throws: MailFailure.self) { try mail.compose() }
    }

    @Test func aSimpleMessageIsTheseBytes() throws {
        let text = String(decoding: try Self.mail { $0.bcc = $0.to }.compose(), as: UTF8.self)
        #expect(
            text == """
                From: Shop <shop@shop.example>\r
                To: anna@mail.example\r
                Subject: Order 1001\r
                Date: Wed, 25 Nov 2026 05:12:40 +0000\r
                Message-ID: <t-1@shop.example>\r
                MIME-Version: 1.0\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Transfer-Encoding: 7bit\r
                \r
                Thank you
                """)
    }

    /// A server that takes a lone one for the end of a line must find no command in a message.
    @Test(arguments: ["a\rb\nc\r\nd\n\re", "ü\rb\nc", "\u{1}\r.\n.\r"])
    func loneLineEndsBecomeWholeOnes(_ text: String) throws {
        let bytes = try Self.mail { $0.text = text }.compose()
        for (index, byte) in bytes.enumerated() {
            if byte == 0x0D { #expect(index + 1 < bytes.count && bytes[index + 1] == 0x0A) }
            if byte == 0x0A { #expect(index > 0 && bytes[index - 1] == 0x0D) }
        }
    }

    @Test func attachmentsHaveABoundInAll() throws {
        let half = try MailAttachment(name: "a", mediaType: nil, bytes: [UInt8](repeating: 0, count: 25 << 19))
        let one = try MailAttachment(name: "b", mediaType: nil, bytes: [0])
        let failure = #expect(throws: MailFailure.self) {
            try Self.mail { $0.attachments = [half, half, one] }.compose()
        }
        #expect(failure?.code == .invalid && failure?.message.contains("25 MB") == true)
    }

    /// The other side's view: Python's own parser reads what was composed.
    @Test(arguments: [
        ("plain", "a short text"),
        ("Zahlung für Bestellung № 1001 ist eingegangen, vielen Dank, \u{1F600} und bis bald", "Grüße"),
        (String(repeating: "word ", count: 60) + "end", "=_paylink-mixed\n--=_paylink-mixed--\n.\n..\n"),
        (String(repeating: "x", count: 1500), String(repeating: "ü", count: 3000)), ("=?UTF-8?B?eA==?=", "a \nb\t\n\n"),
        ("two  spaces", String(repeating: "long ", count: 500)), ("", "日本語のテキスト"),
    ])
    func anotherParserReadsWhatWasMeant(_ subject: String, _ body: String) throws {
        try #require(access("/usr/bin/python3", X_OK) == 0, "/usr/bin/python3 is needed as an independent parser")
        let files = ["plain.txt", "Rechnung für Jürgen \"2026\".pdf", String(repeating: "é", count: 100) + ".csv"]
        let mail = try Self.mail {
            $0.subject = subject
            $0.text = body
            $0.html = "<p>\(body)</p>"
            $0.headers = [
                ("List-Unsubscribe", "<https://shop.example/u>"), ("X-Note", subject.isEmpty ? "-" : subject),
            ]
        }
        var whole = mail
        whole.cc = try ["Jürgen Groß <j@b.example>", "\"Berg, A\" <berg@b.example>"].map {
            try MailAddress(parsing: $0, field: "cc")
        }
        whole.attachments = try files.map { try MailAttachment(name: $0, mediaType: nil, bytes: Array(0...255)) }
        let bytes = try whole.compose()
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.count <= 998 } && lines.dropLast().allSatisfy { $0.last == 0x0D })
        let read = try #require(JSONSerialization.jsonObject(with: parsed(bytes)) as? [String: Any])
        #expect(read["subject"] as? String == subject)
        #expect(read["cc"] as? [[String]] == [["Jürgen Groß", "j@b.example"], ["Berg, A", "berg@b.example"]])
        #expect(read["defects"] as? Int == 0)
        #expect(read["text"] as? String == body && read["html"] as? String == "<p>\(body)</p>")
        #expect(read["files"] as? [String] == files && read["same"] as? Bool == true)
        #expect(read["note"] as? String == (subject.isEmpty ? "-" : subject))
    }

    private func parsed(_ bytes: [UInt8]) throws -> Data {
        let script = """
            import sys, json, email, email.policy
            m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
            a = list(m.iter_attachments())
            def t(k): return m.get_body((k,)).get_content().replace('\\r\\n', '\\n')
            print(json.dumps(dict(subject=m['subject'], note=m['x-note'], cc=[[x.display_name, x.addr_spec] for x in m['cc'].addresses],
              defects=sum(len(p.defects) for p in m.walk()), text=t('plain'), html=t('html'),
              files=[x.get_filename() for x in a], same=all(x.get_payload(decode=True) == bytes(range(256)) for x in a))))
            """
        let process = Process(), input = Pipe(), output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", script]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(bytes))
        try input.fileHandleForWriting.close()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return data
    }
}
