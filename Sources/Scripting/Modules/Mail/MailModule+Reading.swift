// What mail.send is given: a message, its files, and which way it is to take.

import Advice
import Console
import LuaRuntime
import Mail

extension MailModule {
    private static let names = [
        "from", "reply_to", "to", "cc", "bcc", "subject", nil, nil, nil, "headers", "token", "server", "password",
    ]

    func readMail(_ arguments: inout LuaReader) throws(MailTrouble) -> MailOrder {
        if let problem = arguments.tooLong(Self.names, limit: 1 << 20) {
            throw MailTrouble(code: "invalid_mail", message: problem)
        }
        guard let from = try mailText(&arguments, "from") ?? host.options.mail.from else {
            throw MailTrouble(
                code: "invalid_mail", message: "from: there is no sender; give from, or set it in the settings")
        }
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
        let password = host.secrets.text(&arguments)
        guard password == nil || password?.string != nil else {
            throw MailTrouble(code: "invalid_mail", message: "password: it is not valid UTF-8")
        }
        let limit = arguments.duration() ?? .seconds(120)
        var mail: MailMessage
        do throws(MailFailure) {
            let random = (1...2).map { _ in String(UInt64(host.random() * 0x1p53), radix: 36) }.joined()
            mail = MailMessage(
                from: try MailAddress(parsing: from, field: "from"), token: token ?? random, date: Int64(host.unixTime)
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
        let refused = (mail.to + mail.cc + mail.bcc).filter { !host.options.recipients.allows($0) }
        if let first = refused.first {
            let shown = ShownText.short(first.spec)
            let more = refused.count > 1 ? " and \(refused.count - 1) more" : ""
            throw MailTrouble(
                code: "not_allowed",
                message:
                    "the script may not send mail to \(shown)\(more); \(host.options.words(.mailing(shown))) allows it")
        }
        guard let server = named ?? host.options.mail.server else {
            throw MailTrouble(
                code: "not_configured",
                message: "there is no mail server: \(host.options.words(.mailServer))")
        }
        var order = MailOrder(mail: mail, route: .program(server), server: server, limit: limit)
        order.password = password
        if named == nil, password == nil { order.passwordSecret = host.options.mail.passwordSecret }
        if !server.contains("://") {
            guard server == "sendmail" || server.hasPrefix("/") else {
                throw MailTrouble(
                    code: "invalid_mail",
                    message:
                        "mail server \"\(ShownText.short(server))\": write smtps://USER@HOST:465, sendmail or the path of a program"
                )
            }
            let shown = ShownText.short(server)
            guard named == nil || host.options.programs.allowed.contains(server) else {
                throw MailTrouble(
                    code: "not_allowed",
                    message: "the script may not run \(shown); \(host.options.words(.running(shown))) allows it")
            }
            return order
        }
        var parsed: SMTPServer
        do throws(MailFailure) { parsed = try SMTPServer(parsing: server) } catch { throw MailTrouble(error) }
        if named == nil, parsed.user == nil, let user = host.options.mail.user {
            parsed = SMTPServer(host: parsed.host, port: parsed.port, user: user, security: parsed.security)
        }
        guard named == nil || host.options.network.allows(parsed.host, port: parsed.port) else {
            throw MailTrouble(
                code: "not_allowed",
                message:
                    "the script may not reach \(parsed.shown); \(host.options.words(.reaching(parsed.shown))) allows it"
            )
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
                bytes = try MailFile.read(path, host.options.files, atMost: room)
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
