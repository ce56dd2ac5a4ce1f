// mail.send: messages over SMTP or the local sendmail. What a message is, and how it travels, is target Mail's.

import Console
import LuaRuntime
import Mail
import NIOCore
import NIOPosix

final class MailModule: APIModule {
    static let lua = [LuaFile(name: "mail", text: PackageResources.mail_lua, globals: ["mail"])]

    unowned let host: ScriptHost

    init(_ host: ScriptHost) { self.host = host }

    var operations: [Operation] {
        [Operation("mail_send", shown: "mail.send", untrusted: .coded, .waits(send))]
    }

    /// Arguments: from, reply_to, to, cc, bcc (lists), subject, text, html, attachments (lists of path, name, type,
    /// data), headers (list of name, value), token, server, password, timeout; each may be nil.
    /// Gives id, accepted, refused; or nil, code, message, retryable.
    private func send(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        let order: MailOrder
        let message: [UInt8]
        do throws(MailTrouble) {
            order = try readMail(&arguments)
            message = try order.composed()
        } catch {
            host.soon { waiter.returns { error.write(to: $0) } }
            return nil
        }
        if host.options.isDryRun {
            host.log(
                LogMessage(
                    level: .info, text: "mail would be sent",
                    fields: [
                        ("subject", order.mail.subject), ("to", order.mail.recipients.joined(separator: " ")),
                        ("via", order.server),
                    ]))
            host.soon {
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
        if let world = host.options.world {
            world.deliver(order.mail, via: order.server, finish)
            return nil
        }
        guard case .smtp(let server) = order.route else {
            guard case .program(let program) = order.route else { return nil }
            let cancellation = LocalDelivery.Cancellation()
            let delivery = LocalDelivery(program: program, limit: order.limit)
            NIOThreadPool.singleton.runIfActive(eventLoop: host.eventLoop) { [mail = order.mail] in
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
                let sender = SMTPSender(eventLoop: host.eventLoop, caFile: host.options.mail.caFile)
                pending.delivery = sender.send(envelope, finish)
            } catch {
                host.soon { if !pending.isAbandoned { finish(.failure(error)) } }
            }
        }
        if let name = order.passwordSecret {
            // Reading a secret may block.
            NIOThreadPool.singleton.runIfActive(eventLoop: host.eventLoop) { [secrets = host.options.secrets] in
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
}
