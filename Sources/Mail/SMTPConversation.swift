// The client's side of SMTP (RFC 5321) as a pure value: what arrives goes in, what is to be done comes out.
// It knows at each point whether the message can have been accepted; that decides whether it may be sent again.

/// One message's way through one connection.
struct SMTPConversation {
    /// What is to be sent, and how.
    struct Order: Sendable {
        /// As messages show the server.
        var server: String
        var security: SMTPServer.Security
        var credentials: SMTPCredentials?
        /// What the client calls itself.
        var clientName: String
        var sender: String
        var recipients: [String]
        var needsUTF8: Bool
        var message: [UInt8]
    }

    enum Action: Equatable {
        case send([UInt8])
        /// Send, and call `bodyWritten()` when the last byte has left.
        case sendBody([UInt8])
        /// Begin the handshake, then call `secured()`.
        case startTLS
        /// What came of it. At most once; the connection may still be saying goodbye.
        case finish(Result<MailReceipt, MailFailure>)
        case close
    }

    enum Phase: Equatable {
        case connecting, greeting, hello, oldHello, startTLS, handshake, authPlain, authUser, authPassword, authResult
        case sender, recipient(Int), data, body, finalDot, quit, over
    }

    let order: Order
    private(set) var phase = Phase.connecting
    private var reader = SMTPReplyReader()
    private var isSecure = false
    private var offers: [String: String] = [:]
    private var receipt = MailReceipt(accepted: [], refused: [])

    init(_ order: Order) { self.order = order }

    // MARK: Events

    /// The connection stands; with implicit TLS, the handshake is over.
    mutating func connected() -> [Action] {
        isSecure = order.security == .implicit
        phase = .greeting
        return []
    }

    /// The handshake that `startTLS` asked for is over.
    mutating func secured() -> [Action] {
        guard phase == .handshake else { return [] }
        // Whatever was said in the clear, by whomever, has no weight now.
        reader.discard()
        offers = [:]
        isSecure = true
        return greet()
    }

    mutating func received(_ bytes: some Sequence<UInt8>) -> [Action] {
        guard phase != .over, phase != .handshake else { return [] }
        reader.append(bytes)
        var actions: [Action] = []
        do {
            while phase != .over, phase != .handshake, let reply = try reader.next() {
                actions += took(reply)
            }
        } catch {
            actions += fail(
                "said what is no SMTP reply: " + (error.line.map { "\"\(cleaned($0, limit: 60))\"" } ?? error.what))
        }
        return actions
    }

    /// All of the body has left, the final dot has not.
    mutating func bodyWritten() -> [Action] {
        guard phase == .body else { return [] }
        phase = .finalDot
        return [.send(Array(".\r\n".utf8))]
    }

    /// The connection is gone, or took too long; `what` completes "the server …".
    mutating func broke(_ what: String) -> [Action] {
        switch phase {
        case .over: return []
        case .quit:
            phase = .over
            return [.close]
        default: return fail(what)
        }
    }

    // MARK: Replies

    private mutating func took(_ reply: SMTPReply) -> [Action] {
        switch phase {
        case .connecting, .handshake, .over: return []
        case .greeting:
            guard reply.code == 220 else { return refuse(reply, "did not greet") }
            return greet()
        case .hello:
            if reply.isPositive {
                offers = Self.offers(of: reply)
                return afterHello()
            }
            guard (500...599).contains(reply.code) else { return refuse(reply, "refused EHLO") }
            phase = .oldHello
            return [command("HELO \(order.clientName)")]
        case .oldHello:
            guard reply.isPositive else { return refuse(reply, "refused HELO") }
            offers = [:]
            return afterHello()
        case .startTLS:
            guard reply.code == 220 else { return refuse(reply, "refused STARTTLS") }
            // What came with this reply was not protected: an attacker may have put it there.
            reader.discard()
            phase = .handshake
            return [.startTLS]
        case .authPlain, .authResult:
            guard reply.code == 235 else { return refuse(reply, "refused the user name and password") }
            return beginMessage()
        case .authUser:
            guard reply.code == 334, let credentials = order.credentials else {
                return refuse(reply, "refused AUTH LOGIN")
            }
            phase = .authPassword
            return [command(Base64.text(credentials.user.utf8))]
        case .authPassword:
            guard reply.code == 334, let credentials = order.credentials else {
                return refuse(reply, "refused the user name")
            }
            phase = .authResult
            return [command(Base64.text(credentials.password.utf8))]
        case .sender:
            guard reply.isPositive else { return refuse(reply, "refused the sender <\(order.sender)>") }
            phase = .recipient(0)
            return [command("RCPT TO:<\(order.recipients[0])>")]
        case .recipient(let index): return tookRecipient(index, reply)
        case .data:
            guard reply.code == 354 else { return refuse(reply, "refused the message") }
            phase = .body
            return [.sendBody(Self.stuffed(order.message))]
        case .body: return refuse(reply, "broke off the message")
        case .finalDot:
            guard reply.isPositive else { return refuse(reply, "refused the message") }
            phase = .quit
            return [.finish(.success(receipt)), command("QUIT")]
        case .quit:
            phase = .over
            return [.close]
        }
    }

    private mutating func tookRecipient(_ index: Int, _ reply: SMTPReply) -> [Action] {
        let address = order.recipients[index]
        if reply.code == 421 { return refuse(reply, "refused the recipient <\(address)>") }
        if reply.isPositive {
            receipt.accepted.append(address)
        } else {
            receipt.refused.append(
                .init(address: address, message: cleaned(reply.text), isTransient: reply.isTransient))
        }
        if index + 1 < order.recipients.count {
            phase = .recipient(index + 1)
            return [command("RCPT TO:<\(order.recipients[index + 1])>")]
        }
        guard receipt.accepted.isEmpty else {
            phase = .data
            return [command("DATA")]
        }
        let reasons = receipt.refused.prefix(3).map { "<\($0.address)>: \($0.message)" }.joined(separator: "; ")
        let isTransient = receipt.refused.contains { $0.isTransient }
        return end(isTransient ? .failed : .refused, "took no recipient: \(reasons)")
    }

    // MARK: Steps

    private mutating func greet() -> [Action] {
        phase = .hello
        return [command("EHLO \(order.clientName)")]
    }

    private mutating func afterHello() -> [Action] {
        if order.security == .startTLS, !isSecure {
            guard offers["STARTTLS"] != nil else {
                return end(
                    .refused,
                    "offers no STARTTLS, and nothing is sent unprotected; use smtps:// if it has a port for TLS")
            }
            phase = .startTLS
            return [command("STARTTLS")]
        }
        return authenticate()
    }

    private mutating func authenticate() -> [Action] {
        guard let credentials = order.credentials else { return beginMessage() }
        // Credentials in the clear stay on this machine.
        guard isSecure || order.security == .loopback else { return end(.refused, "is not protected by TLS") }
        let mechanisms = (offers["AUTH"] ?? "").uppercased().split(separator: " ")
        if mechanisms.contains("PLAIN") {
            phase = .authPlain
            return [
                command(
                    "AUTH PLAIN "
                        + Base64.text([0] + Array(credentials.user.utf8) + [0] + Array(credentials.password.utf8)))
            ]
        }
        if mechanisms.contains("LOGIN") {
            phase = .authUser
            return [command("AUTH LOGIN")]
        }
        return end(
            .refused,
            mechanisms.isEmpty
                ? "takes no user name and password; leave them out"
                : "offers no AUTH PLAIN or LOGIN, only \(MailFailure.shown(mechanisms.joined(separator: " "), limit: 60))"
        )
    }

    private mutating func beginMessage() -> [Action] {
        var parameters = ""
        if let limit = offers["SIZE"] {
            let size = order.message.count
            if let limit = Int(limit), limit > 0, size > limit {
                return end(.refused, "takes messages of at most \(limit) bytes, and this one has \(size)")
            }
            parameters += " SIZE=\(size)"
        }
        if order.needsUTF8 {
            guard offers["SMTPUTF8"] != nil else {
                return end(.refused, "takes no addresses with characters beyond ASCII")
            }
            parameters += (offers["8BITMIME"] != nil ? " BODY=8BITMIME" : "") + " SMTPUTF8"
        }
        phase = .sender
        return [command("MAIL FROM:<\(order.sender)>\(parameters)")]
    }

    private func command(_ text: String) -> Action { .send(Array(text.utf8) + [0x0D, 0x0A]) }

    // MARK: Ends

    /// A reply that ends it: the server says so, thus it has not accepted the message.
    private mutating func refuse(_ reply: SMTPReply, _ what: String) -> [Action] {
        if reply.code >= 400 {
            return end(reply.isTransient ? .failed : .refused, "\(what): \(cleaned(reply.text))")
        }
        return fail("\(what): it said \(cleaned(reply.text))")
    }

    /// Anything else that ends it.
    private mutating func fail(_ what: String) -> [Action] {
        phase == .finalDot
            ? end(.inDoubt, "\(what) after the whole message had been sent: whether it was accepted is not known")
            : end(.failed, what)
    }

    private mutating func end(_ code: MailFailure.Code, _ what: String) -> [Action] {
        phase = .over
        return [.finish(.failure(MailFailure(code, "mail server \(order.server) \(what)"))), .close]
    }

    /// As messages show it: without the password, should the server repeat it, and then short. The other way around a
    /// cut could leave the beginning of the password.
    private func cleaned(_ text: String, limit: Int = 200) -> String {
        guard let credentials = order.credentials, !credentials.password.isEmpty else {
            return MailFailure.shown(text, limit: limit)
        }
        let password = credentials.password
        let encoded = [
            Base64.text(password.utf8), Base64.text([0] + Array(credentials.user.utf8) + [0] + Array(password.utf8)),
        ]
        return MailFailure.shown(
            ([password] + encoded).reduce(text) { $0.replacing($1, with: "***") }, limit: limit)
    }
}
