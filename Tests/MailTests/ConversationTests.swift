// The SMTP dialogue as transcripts: what the server says, what the client answers, what came of it.

import Testing

@testable import Mail
@testable import Programs

@Suite struct ConversationTests {
    struct Outcome {
        var sent: [String] = []
        var result: Result<MailReceipt, MailFailure>?
        var startedTLS = false
    }

    static func order(
        _ security: SMTPServer.Security = .loopback, credentials: SMTPCredentials? = nil,
        recipients: [String] = ["a@b"], message: String = "Subject: x\r\n\r\n.dot\r\nend"
    ) -> SMTPConversation.Order {
        .init(
            server: "mail.example:587", security: security, credentials: credentials, clientName: "client",
            sender: "shop@x", recipients: recipients, needsUTF8: false, message: Array(message.utf8))
    }

    /// Plays the server's lines; "<close>" is the end of the connection.
    static func play(_ order: SMTPConversation.Order, _ lines: [String]) -> Outcome {
        var conversation = SMTPConversation(order)
        var outcome = Outcome()
        func run(_ actions: [SMTPConversation.Action]) {
            for action in actions {
                switch action {
                case .send(let bytes): outcome.sent.append(String(decoding: bytes, as: UTF8.self))
                case .sendBody(let bytes):
                    outcome.sent.append(String(decoding: bytes, as: UTF8.self))
                    run(conversation.bodyWritten())
                case .startTLS:
                    outcome.startedTLS = true
                    run(conversation.secured())
                case .finish(let result): outcome.result = result
                case .close: break
                }
            }
        }
        run(conversation.connected())
        for line in lines {
            run(
                line == "<close>"
                    ? conversation.broke("closed the connection") : conversation.received((line + "\r\n").utf8))
        }
        return outcome
    }

    private static let taken = ["220 hi", "250-x\r\n250 SIZE 1000", "250 ok", "250 ok", "354 go", "250 done"]

    @Test func aMessageIsDeliveredWithItsDotsDoubled() {
        let outcome = Self.play(Self.order(), Self.taken)
        #expect(
            outcome.sent == [
                "EHLO client\r\n", "MAIL FROM:<shop@x> SIZE=23\r\n", "RCPT TO:<a@b>\r\n", "DATA\r\n",
                "Subject: x\r\n\r\n..dot\r\nend\r\n", ".\r\n", "QUIT\r\n",
            ])
        #expect(outcome.result == .success(MailReceipt(accepted: ["a@b"], refused: [])))
    }

    @Test(arguments: 0..<6) func aCutBeforeTheFinalDotIsSafeAndAfterItInDoubt(_ count: Int) {
        let outcome = Self.play(Self.order(), Array(Self.taken.prefix(count)) + ["<close>"])
        guard case .failure(let failure)? = outcome.result else {
            Issue.record("no failure after \(count) replies")
            return
        }
        #expect(failure.code == (count == 5 ? .inDoubt : .failed))
    }

    @Test(arguments: 0..<6, [("451 later", MailFailure.Code.failed), ("550 never", .refused)])
    func refusalsAreTransientOrFinalWhereverTheyCome(_ count: Int, _ reply: (String, MailFailure.Code)) {
        let outcome = Self.play(Self.order(), Array(Self.taken.prefix(count)) + [reply.0])
        if count == 1, reply.0.hasPrefix("5") {  // EHLO refused: the old greeting is tried
            #expect(outcome.sent.last == "HELO client\r\n" && outcome.result == nil)
            return
        }
        guard case .failure(let failure)? = outcome.result else {
            Issue.record("no failure after \(count) replies")
            return
        }
        #expect(failure.code == reply.1)
    }

    @Test func nonsenseAfterTheFinalDotIsInDoubt() {
        let outcome = Self.play(Self.order(), Array(Self.taken.prefix(5)) + ["what?"])
        #expect(outcome.result.map { (try? $0.get()) == nil } == true)
        if case .failure(let failure)? = outcome.result { #expect(failure.code == .inDoubt) }
    }

    @Test func whatWasSaidBeforeTheHandshakeIsForgotten() {
        let secret = SMTPCredentials(user: "u", password: "p")
        let outcome = Self.play(
            Self.order(.startTLS, credentials: secret),
            ["220 hi", "250-x\r\n250-AUTH PLAIN\r\n250 STARTTLS", "220 go\r\n250-x\r\n250 AUTH PLAIN\r\n235 welcome"])
        #expect(outcome.startedTLS)
        #expect(outcome.sent == ["EHLO client\r\n", "STARTTLS\r\n", "EHLO client\r\n"])
    }

    @Test(arguments: [
        ["220 hi", "250 x"], ["220 hi", "500 what", "250 x"], ["220 hi", "250-x\r\n250 STARTTLS", "454 not now"],
    ])
    func nothingIsSentWithoutTLS(_ lines: [String]) {
        let outcome = Self.play(Self.order(.startTLS, credentials: .init(user: "u", password: "p")), lines)
        #expect(!outcome.sent.contains { $0.hasPrefix("AUTH") || $0.hasPrefix("MAIL") })
        if case .failure? = outcome.result {} else { Issue.record("it must fail") }
    }

    @Test func thePasswordIsNotRepeated() {
        let secret = SMTPCredentials(user: "u", password: "geheim")
        let outcome = Self.play(
            Self.order(.implicit, credentials: secret),
            ["220 hi", "250-x\r\n250 AUTH LOGIN", "334 a", "334 b", "535 geheim Z2VoZWlt bad"])
        #expect(outcome.sent.suffix(3) == ["AUTH LOGIN\r\n", "dQ==\r\n", "Z2VoZWlt\r\n"])
        guard case .failure(let failure)? = outcome.result else {
            Issue.record("it must fail")
            return
        }
        #expect(failure.code == .refused && !failure.message.contains("geheim") && !failure.message.contains("Z2Vo"))
    }

    /// A message is cut at 200 characters, what is no reply at 60: neither cut leaves a part of the password.
    @Test(arguments: ["535 " + String(repeating: "x", count: 190), String(repeating: "y", count: 54)])
    func noCutLeavesAPartOfThePassword(_ before: String) {
        let secret = SMTPCredentials(user: "u", password: "geheimnisvoll")
        let outcome = Self.play(
            Self.order(.implicit, credentials: secret),
            ["220 hi", "250-x\r\n250 AUTH LOGIN", "334 a", "334 b", before + " geheimnisvoll"])
        guard case .failure(let failure)? = outcome.result else {
            Issue.record("it must fail")
            return
        }
        #expect(!failure.message.contains("gehe") && failure.message.contains("***"), "\(failure.message)")
    }

    @Test(arguments: [
        (ProgramResult.End?.some(.status(0)), false, MailFailure.Code.inDoubt), (.status(75), true, .failed),
        (.status(67), false, .refused), (.signal(9), false, .failed), (.signal(9), true, .inDoubt),
        (nil, true, .inDoubt), (nil, false, .failed),
    ])
    func aProgramsEndSaysWhetherItMayHaveSentIt(
        _ end: ProgramResult.End?, _ tookAll: Bool, _ code: MailFailure.Code
    ) {
        var timeout = ProgramFailure(code: .timeout, message: "did not end within 1.0 seconds")
        timeout.tookAllInput = tookAll
        let outcome = end.map { Result<_, ProgramFailure>.success(ProgramResult(end: $0, tookAllInput: tookAll)) }
        let judged = LocalDelivery.judged(
            outcome ?? .failure(timeout), path: "/usr/sbin/sendmail", recipients: ["b@x.example"])
        guard case .failure(let failure) = judged else {
            Issue.record("it must fail")
            return
        }
        #expect(failure.code == code, "\(failure.message)")
    }

    /// After the whole message was read, a status that some program also has for a connection that broke is a doubt.
    @Test(arguments: 1...255 as ClosedRange<Int32>)
    func onlyCertainStatusesCountAsNotSentOnceTheMessageWasRead(_ status: Int32) {
        func code(_ tookAll: Bool, _ words: String = "") -> MailFailure.Code? {
            let result = ProgramResult(end: .status(status), errors: Array(words.utf8), tookAllInput: tookAll)
            let judged = LocalDelivery.judged(.success(result), path: "/usr/bin/x", recipients: ["b@x.example"])
            guard case .failure(let failure) = judged else { return nil }
            return failure.code
        }
        let retryable: Set<Int32> = [69, 75]
        let certain: Set<Int32> = [64, 65, 66, 67, 68, 72, 73, 77, 78]
        #expect(code(true) == (retryable.contains(status) ? .failed : certain.contains(status) ? .refused : .inDoubt))
        #expect(code(false) == ([69, 70, 71, 74, 75].contains(status) ? .failed : .refused))
        // ssmtp, whose relay is away; then ssmtp, whose relay took the message and was gone.
        let isSSMTPs = status == 1
        #expect(code(true, "ssmtp: Cannot open mail.x.example:25\n") == (isSSMTPs ? .failed : code(true)))
        #expect(code(true, "ssmtp: \n") == code(true))
    }

    @Test func oneRefusedRecipientDoesNotKeepTheOthersFromIt() {
        let outcome = Self.play(
            Self.order(recipients: ["a@b", "c@d"]),
            ["220 hi", "250 x", "250 ok", "550 no", "250 ok", "354 go", "250 done"])
        let receipt = try? outcome.result?.get()
        #expect(receipt?.accepted == ["c@d"] && receipt?.refused.map(\.address) == ["a@b"])
    }

    @Test func repliesAreBounded() {
        for flood in [
            String(repeating: "x", count: 5000), "220 " + String(repeating: "y", count: 5000),
            String(repeating: "220-x\r\n", count: 300), "220 " + String(repeating: "y", count: 2045),
            String(repeating: "220-x\r\n", count: 128) + "220 x",
        ] {
            let outcome = Self.play(Self.order(), [flood])
            if case .failure(let failure)? = outcome.result {
                #expect(failure.code == .failed)
            } else {
                Issue.record("it must fail")
            }
        }
        for most in [
            "220 " + String(repeating: "y", count: 2040), String(repeating: "220-x\r\n", count: 127) + "220 x",
        ] {
            #expect(Self.play(Self.order(), [most]).result == nil)
        }
    }

    @Test(
        arguments: [
            ("smtps://u%40x@mail.example", "mail.example", 465, "u@x", SMTPServer.Security.implicit),
            ("smtp://mail.example:25", "mail.example", 25, nil, .startTLS),
            ("smtp://localhost", "localhost", 587, nil, .loopback),
            ("smtp://[::1]:2525", "::1", 2525, nil, .loopback),
            ("smtp+starttls://localhost", "localhost", 587, nil, .startTLS),
            ("smtp://127.0.0.1.evil.example", "127.0.0.1.evil.example", 587, nil, .startTLS),
        ] as [(String, String, Int, String?, SMTPServer.Security)])
    func serversAreRead(_ text: String, _ host: String, _ port: Int, _ user: String?, _ security: SMTPServer.Security)
        throws
    {
        #expect(try SMTPServer(parsing: text) == SMTPServer(host: host, port: port, user: user, security: security))
    }

    @Test(arguments: [
        "", "mail.example", "http://x", "smtp://", "smtp://x:0", "smtp://x:99999", "smtp://x/y", "smtp://u:p@x",
        "smtp://a b",
    ])
    func whatIsNoServerIsRefused(_ text: String) {
        #expect(throws: MailFailure.self) { try SMTPServer(parsing: text) }
    }
}
