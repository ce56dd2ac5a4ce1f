// Sends a report through the settings' mail server, or the local sendmail.

import ArgumentParser
import Console
import Ledger
import Mail
import NIOCore
import NIOPosix
import OneShotPay
import Scripting
import Secrets
import Settings

/// A letter whose way is known, before there is anything to write in it.
struct ReportMail {
    private enum Route {
        case server(SMTPServer, password: String?)
        case program(String)
    }

    private static let limit = Duration.seconds(60)

    private let from: MailAddress
    private let to: [MailAddress]
    private let route: Route
    private let caFile: String?

    /// - Throws: an exit code; the problem has been told.
    init(_ settings: ServiceSettings, _ configuration: OneShotPayConfiguration, to addresses: [String]) throws {
        let stack = settings.stack
        caFile = configuration.caFile
        guard let sender = stack.text("mail.from") else {
            throw Self.end("--mail needs a sender: set from under [mail] in a settings file", .configuration)
        }
        guard let address = Environment["PAYLINK_MAIL_SERVER"] ?? stack.text("mail.server") else {
            throw Self.end(
                "--mail needs a mail server: set server under [mail] in a settings file, such as \"smtps://mail.example\" or "
                    + "\"sendmail\", or PAYLINK_MAIL_SERVER", .configuration)
        }
        do throws(MailFailure) {
            to = try addresses.map { address throws(MailFailure) in try MailAddress(parsing: address, field: "--mail") }
        } catch {
            throw Self.end(error.message, .usage)
        }
        do throws(MailFailure) {
            from = try MailAddress(parsing: sender, field: "mail.from")
            guard address != "sendmail", !address.hasPrefix("/") else {
                route = .program(address)
                return
            }
            let named = try SMTPServer(parsing: address)
            let server = SMTPServer(
                host: named.host, port: named.port, user: named.user ?? stack.text("mail.user"),
                security: named.security)
            var password: String?
            if server.user != nil, let name = stack.text("mail.password_secret") {
                do throws(SecretProblem) { password = try settings.secretSource.read(name).get() } catch {
                    throw MailFailure(.refused, "the mail server's password: \(error.message)")
                }
            }
            route = .server(server, password: password)
            // Whether the server can be used as it is set, before anything is read.
            var trial = MailMessage(from: from, token: "trial", date: 0)
            trial.to = to
            _ = try SMTPEnvelope(trial, message: [], server: server, password: password)
        } catch {
            throw Self.end(error.message, .configuration)
        }
    }

    /// - Parameter name: of the attached page.
    /// - Throws: an exit code; the problem has been told.
    func send(subject: String, text: String, page: String, name: String, at moment: Int64) throws {
        let receipt: MailReceipt
        do throws(MailFailure) {
            var mail = MailMessage(from: from, token: EffectToken.random(), date: moment)
            mail.to = to
            mail.subject = subject
            mail.text = text
            mail.attachments = [
                try MailAttachment(name: name, mediaType: "text/html; charset=utf-8", bytes: Array(page.utf8))
            ]
            receipt = try deliver(mail, try mail.compose())
        } catch {
            switch error.code {
            case .inDoubt: throw Self.end("the report may have been sent: \(error.message)", .unfinished)
            case .failed: throw Self.end("the report was not sent: \(error.message)", .unreachable)
            case .refused: throw Self.end("the report was not sent: \(error.message)", .configuration)
            case .invalid: throw Self.end("the report was not sent: \(error.message)", .badInput)
            }
        }
        for refusal in receipt.refused {
            Terminal.message("the mail server did not take \(refusal.address): \(ShownText.line(refusal.message))")
        }
        if !receipt.refused.isEmpty { throw ExitStatus.unfinished.code }
    }

    private func deliver(_ mail: MailMessage, _ message: [UInt8]) throws(MailFailure) -> MailReceipt {
        switch route {
        case .program(let program):
            let delivery = LocalDelivery(program: program, limit: Self.limit)
            return try delivery.send(mail, message, LocalDelivery.Cancellation()).get()
        case .server(let server, let password):
            var envelope = try SMTPEnvelope(mail, message: message, server: server, password: password)
            envelope.timeouts.whole = TimeAmount(Self.limit)
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let promise = loop.makePromise(of: Result<MailReceipt, MailFailure>.self)
            loop.execute { [envelope, caFile] in
                let sender = SMTPSender(eventLoop: loop, caFile: caFile)
                _ = sender.send(envelope) { promise.succeed($0) }
            }
            guard let result = try? promise.futureResult.wait() else {
                throw MailFailure(.failed, "paylink is ending: the mail was not sent")
            }
            return try result.get()
        }
    }

    private static func end(_ message: String, _ status: ExitStatus) -> ExitCode {
        Terminal.message(message)
        return status.code
    }
}
