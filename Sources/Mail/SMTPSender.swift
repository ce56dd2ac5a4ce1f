// Sends messages over SMTP on one event loop: one connection for each message. The dialogue is SMTPConversation's.

package import NIOCore
import NIOSSL

/// How long a server may take.
package struct SMTPTimeouts: Sendable {
    /// Until the connection stands, TLS included.
    package var connect = TimeAmount.seconds(15)
    /// For each reply.
    package var reply = TimeAmount.seconds(60)
    /// For all of it.
    package var whole = TimeAmount.seconds(120)

    package init() {}
}

/// Where a message goes, and as whom.
package struct SMTPEnvelope: Sendable {
    package var server: SMTPServer
    package var credentials: SMTPCredentials?
    package var sender: String
    package var recipients: [String]
    package var needsUTF8: Bool
    package var message: [UInt8]
    package var timeouts = SMTPTimeouts()

    /// - Parameter message: as ``MailMessage/compose()`` made it.
    package init(_ mail: MailMessage, message: [UInt8], server: SMTPServer, password: String?) throws(MailFailure) {
        self.server = server
        self.message = message
        sender = mail.from.spec
        recipients = mail.recipients
        needsUTF8 = mail.needsUTF8
        if let user = server.user {
            guard let password else {
                throw MailFailure(
                    .invalid, "mail server \(server.shown): the address names a user, but there is no password for it")
            }
            guard !(user + password).utf8.contains(0) else {
                throw MailFailure(.invalid, "mail server \(server.shown): user name or password contains a NUL byte")
            }
            credentials = SMTPCredentials(user: user, password: password)
        } else if password != nil {
            throw MailFailure(
                .invalid, "mail server \(server.shown): there is a password but no user; write smtps://USER@HOST")
        }
    }
}

/// Sends over SMTP. It belongs to its event loop.
package final class SMTPSender {
    let eventLoop: any EventLoop
    let caFile: String?
    /// What the client calls itself: servers only log it.
    let clientName: String
    private var tls: Result<NIOSSLContext, MailFailure>?

    /// - Parameter caFile: certificates that are trusted beside the system's.
    package init(eventLoop: any EventLoop, caFile: String? = nil, clientName: String = "[127.0.0.1]") {
        self.eventLoop = eventLoop
        self.caFile = caFile
        self.clientName = clientName
    }

    /// Starts; `done` is called once on the event loop, later, unless cancelled.
    package func send(
        _ envelope: SMTPEnvelope, _ done: @escaping (Result<MailReceipt, MailFailure>) -> Void
    ) -> SMTPDelivery {
        let delivery = SMTPDelivery(envelope, sender: self, done)
        delivery.start()
        return delivery
    }

    /// Made on first use: reading the system's roots takes milliseconds.
    func tlsContext() throws(MailFailure) -> NIOSSLContext {
        if let tls { return try tls.get() }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        let made: Result<NIOSSLContext, MailFailure>
        do {
            if let caFile {
                configuration.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(caFile))]
            }
            made = .success(try NIOSSLContext(configuration: configuration))
        } catch {
            let what = caFile.map {
                "the CA file \"\(MailFailure.shown($0))\" cannot be used: it must be readable PEM certificates"
            }
            made = .failure(MailFailure(.refused, what ?? "TLS cannot be set up: \(error)"))
        }
        tls = made
        return try made.get()
    }
}
