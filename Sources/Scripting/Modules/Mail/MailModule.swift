// mail.send: messages over SMTP or the local sendmail. What a message is, and how it travels, is target Mail's.

import Console
import Glibc
import LuaRuntime
import Mail
import NIOCore
import NIOPosix

extension ScriptHost {
    /// Arguments: from, reply_to, to, cc, bcc (lists), subject, text, html, attachments (lists of path, name, type,
    /// data), headers (list of name, value), token, server, password, timeout; each may be nil.
    /// Gives id, accepted, refused; or nil, code, message, retryable.
    func startMail(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        let order: MailOrder
        let message: [UInt8]
        do throws(MailTrouble) {
            order = try readMail(&arguments)
            message = try order.composed()
        } catch {
            soon { waiter.returns { error.write(to: $0) } }
            return nil
        }
        if options.isDryRun {
            log(
                LogMessage(
                    level: .info, text: "mail would be sent",
                    fields: [
                        ("subject", order.mail.subject), ("to", order.mail.recipients.joined(separator: " ")),
                        ("via", order.server),
                    ]))
            soon {
                waiter.returns {
                    MailReply.write(order.mail, MailReceipt(accepted: order.mail.recipients, refused: []), to: $0)
                }
            }
            return nil
        }
        return start(order, message, waiter)
    }

    // MARK: Sending

    private func start(_ order: MailOrder, _ message: [UInt8], _ waiter: Waiter) -> (() -> Void)? {
        let finish: (Result<MailReceipt, MailFailure>) -> Void = { result in
            waiter.returns { reply in
                switch result {
                case .success(let receipt): MailReply.write(order.mail, receipt, to: reply)
                case .failure(let failure): MailTrouble(failure).write(to: reply)
                }
            }
        }
        guard case .smtp(let server) = order.route else {
            guard case .program(let program) = order.route else { return nil }
            let cancellation = LocalDelivery.Cancellation()
            let delivery = LocalDelivery(program: program, limit: order.limit)
            NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { [mail = order.mail] in
                delivery.send(mail, message, cancellation)
            }.assumeIsolated().whenComplete { done in
                guard !cancellation.isCancelled else { return }
                finish((try? done.get()) ?? .failure(MailFailure(.failed, "paylink is ending: the mail was not sent")))
            }
            return { cancellation.cancel() }
        }
        let pending = PendingMail()
        func send(_ password: String?) {
            do throws(MailFailure) {
                var envelope = try SMTPEnvelope(order.mail, message: message, server: server, password: password)
                envelope.timeouts.whole = TimeAmount(order.limit)
                let sender = SMTPSender(eventLoop: eventLoop, caFile: options.mail.caFile)
                pending.delivery = sender.send(envelope, finish)
            } catch {
                soon { if !pending.isAbandoned { finish(.failure(error)) } }
            }
        }
        if let name = order.passwordSecret {
            // Reading a secret may block.
            NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { [secrets = options.secrets] in
                secrets.read(name)
            }
            .assumeIsolated().whenComplete { read in
                guard !pending.isAbandoned else { return }
                switch read {
                case .success(.success(let password)): send(password)
                case .success(.failure(let problem)):
                    finish(.failure(MailFailure(.refused, "the mail server's password: \(problem.message)")))
                case .failure: finish(.failure(MailFailure(.failed, "paylink is ending: the mail was not sent")))
                }
            }
        } else {
            send(order.password)
        }
        return { pending.abandon() }
    }

    // MARK: Arguments

    private static let names = [
        "from", "reply_to", "to", "cc", "bcc", "subject", nil, nil, nil, "headers", "token", "server", "password",
    ]

    private func readMail(_ arguments: inout LuaReader) throws(MailTrouble) -> MailOrder {
        if let problem = arguments.tooLong(Self.names, limit: 1 << 20) {
            throw MailTrouble(code: "invalid_mail", message: problem)
        }
        guard let from = try mailText(&arguments, "from") ?? options.mail.from else {
            throw MailTrouble(
                code: "invalid_mail", message: "from: there is no sender; give from, or set it in the settings")
        }
        var seconds = timespec()
        clock_gettime(CLOCK_REALTIME, &seconds)
        let replyTo = try mailList(&arguments, "reply_to")
        let to = try mailList(&arguments, "to")
        let cc = try mailList(&arguments, "cc")
        let bcc = try mailList(&arguments, "bcc")
        let subject = try mailText(&arguments, "subject") ?? ""
        let plain = try mailText(&arguments, "text")
        let html = try mailText(&arguments, "html")
        let attachments = try readAttachments(&arguments)
        var headers: [(name: String, value: String)] = []
        if arguments.enter() != nil {
            while arguments.enter() != nil {
                headers.append((try mailText(&arguments, "headers") ?? "", try mailText(&arguments, "headers") ?? ""))
                arguments.leave()
            }
            arguments.leave()
        } else {
            _ = arguments.skip()
        }
        let token = try mailText(&arguments, "token")
        let named = try mailText(&arguments, "server")
        let password = readText(&arguments)
        guard password == nil || password?.string != nil else {
            throw MailTrouble(code: "invalid_mail", message: "password: it is not valid UTF-8")
        }
        let limit = readDuration(&arguments) ?? .seconds(120)
        var mail: MailMessage
        do throws(MailFailure) {
            var generator = SystemRandomNumberGenerator()
            let random = String(generator.next(), radix: 36) + String(generator.next(), radix: 36)
            mail = MailMessage(
                from: try MailAddress(parsing: from, field: "from"), token: token ?? random, date: Int64(seconds.tv_sec)
            )
            mail.replyTo = try Self.addresses(replyTo, "reply_to")
            mail.to = try Self.addresses(to, "to")
            mail.cc = try Self.addresses(cc, "cc")
            mail.bcc = try Self.addresses(bcc, "bcc")
        } catch {
            throw MailTrouble(error)
        }
        mail.subject = subject
        mail.text = plain
        mail.html = html
        mail.attachments = attachments
        mail.headers = headers
        return try route(mail, named: named, password: password?.string, limit: limit)
    }

    /// Which way the mail takes, and whether it may.
    private func route(
        _ mail: MailMessage, named: String?, password: String?, limit: Duration
    ) throws(MailTrouble) -> MailOrder {
        let refused = (mail.to + mail.cc + mail.bcc).filter { !options.recipients.allows($0) }
        if let first = refused.first {
            let shown = ShownText.short(first.spec)
            let more = refused.count > 1 ? " and \(refused.count - 1) more" : ""
            throw MailTrouble(
                code: "not_allowed",
                message: "the script may not send mail to \(shown)\(more); --allow-mail=\(shown) allows it")
        }
        guard let server = named ?? options.mail.server else {
            throw MailTrouble(
                code: "not_configured",
                message:
                    "there is no mail server: set PAYLINK_MAIL_SERVER (smtps://USER@HOST:465, or sendmail), or name a server"
            )
        }
        var order = MailOrder(mail: mail, route: .program(server), server: server, limit: limit)
        order.password = password
        if named == nil, password == nil { order.passwordSecret = options.mail.passwordSecret }
        if !server.contains("://") {
            guard server == "sendmail" || server.hasPrefix("/") else {
                throw MailTrouble(
                    code: "invalid_mail",
                    message:
                        "mail server \"\(ShownText.short(server))\": write smtps://USER@HOST:465, sendmail or the path of a program"
                )
            }
            guard named == nil || options.programs.allowed.contains(server) else {
                throw MailTrouble(
                    code: "not_allowed",
                    message:
                        "the script may not run \(ShownText.short(server)); --allow-run=\(ShownText.short(server)) allows it"
                )
            }
            return order
        }
        var parsed: SMTPServer
        do throws(MailFailure) { parsed = try SMTPServer(parsing: server) } catch { throw MailTrouble(error) }
        if named == nil, parsed.user == nil, let user = options.mail.user {
            parsed = SMTPServer(host: parsed.host, port: parsed.port, user: user, security: parsed.security)
        }
        guard named == nil || options.network.allows(parsed.host, port: parsed.port) else {
            throw MailTrouble(
                code: "not_allowed",
                message: "the script may not reach \(parsed.shown); --allow-net=\(parsed.shown) allows it")
        }
        order.route = .smtp(parsed)
        order.server = parsed.shown
        return order
    }

    private static func addresses(_ texts: [String], _ field: String) throws(MailFailure) -> [MailAddress] {
        var addresses: [MailAddress] = []
        for text in texts { addresses.append(try MailAddress(parsing: text, field: field)) }
        return addresses
    }

    private func mailText(_ arguments: inout LuaReader, _ field: String) throws(MailTrouble) -> String? {
        // A list has false where a field is absent: nil would end it.
        if arguments.skipNull() || arguments.boolean() == false { return nil }
        guard let text = arguments.string() else {
            throw MailTrouble(code: "invalid_mail", message: "\(field): it is no text in UTF-8")
        }
        return text
    }

    private func mailList(_ arguments: inout LuaReader, _ field: String) throws(MailTrouble) -> [String] {
        guard arguments.enter() != nil else {
            _ = arguments.skip()
            return []
        }
        var texts: [String] = []
        while arguments.kind != .end, let text = try mailText(&arguments, field) { texts.append(text) }
        arguments.leave()
        return texts
    }

    private func readAttachments(_ arguments: inout LuaReader) throws(MailTrouble) -> [MailAttachment] {
        guard arguments.enter() != nil else {
            _ = arguments.skip()
            return []
        }
        var attachments: [MailAttachment] = []
        var room = MailAttachment.sizeLimit
        while arguments.enter() != nil {
            let path = try mailText(&arguments, "attachment path")
            let name = try mailText(&arguments, "attachment name")
            let type = try mailText(&arguments, "attachment type")
            var bytes: [UInt8]
            if let path {
                _ = arguments.skip()
                bytes = try MailFile.read(path, options.files, atMost: room)
            } else {
                bytes = arguments.bytes().map { Array($0) } ?? []
                guard bytes.count <= room else { throw MailFile.tooLarge }
            }
            arguments.leave()
            room -= bytes.count
            let base = path?.split(separator: "/").last.map(String.init)
            do throws(MailFailure) {
                attachments.append(try MailAttachment(name: name ?? base ?? "", mediaType: type, bytes: bytes))
            } catch {
                throw MailTrouble(error)
            }
        }
        arguments.leave()
        return attachments
    }
}
