// What mail.send reads and writes at the border: an order, its files, its reply.

import Console
import Files
import Glibc
import LuaRuntime
import Mail

/// A message and the way it is to take.
struct MailOrder {
    enum Route { case smtp(SMTPServer), program(String) }

    var mail: MailMessage
    var route: Route
    /// As messages show it.
    var server: String
    var limit: Duration
    var password: String?
    /// The settings' secret, to be read before sending.
    var passwordSecret: String?

    func composed() throws(MailTrouble) -> [UInt8] {
        do throws(MailFailure) { return try mail.compose() } catch { throw MailTrouble(error) }
    }
}

/// A message on its way, or the password that it still waits for.
final class PendingMail {
    var delivery: SMTPDelivery?
    private(set) var isAbandoned = false

    func abandon() {
        isAbandoned = true
        delivery?.cancel()
    }
}

/// Why `mail.send` gives nil.
struct MailTrouble: Error {
    var code: String
    var message: String
    var isRetryable = false

    init(code: String, message: String) {
        self.code = code
        self.message = message
    }

    init(_ failure: MailFailure) {
        code = failure.code.rawValue
        message = failure.message
        isRetryable = failure.isRetryable
    }

    func write(to reply: LuaWriter) {
        reply.null()
        reply.string(code)
        reply.string(message)
        reply.boolean(isRetryable)
    }
}

enum MailReply {
    static func write(_ mail: MailMessage, _ receipt: MailReceipt, to reply: LuaWriter) {
        reply.string(mail.id)
        reply.beginArray(hint: receipt.accepted.count)
        for address in receipt.accepted { reply.string(address) }
        reply.end()
        reply.beginArray(hint: receipt.refused.count)
        for refusal in receipt.refused {
            reply.beginMap(hint: 3)
            reply.string("address")
            reply.string(refusal.address)
            reply.string("message")
            reply.string(refusal.message)
            reply.string("retryable")
            reply.boolean(refusal.isTransient)
            reply.end()
        }
        reply.end()
    }
}

/// Attachments that are files.
enum MailFile {
    static var tooLarge: MailTrouble {
        MailTrouble(
            code: "invalid_mail",
            message: "attachments: more than \(MailAttachment.sizeLimit >> 20) MB in all; send a link instead")
    }

    static func read(_ path: String, _ access: FileAccess, atMost limit: Int) throws(MailTrouble) -> [UInt8] {
        let file: Int32
        do throws(FileAccess.Refusal) { file = try access.openForReading(path) } catch {
            throw MailTrouble(code: error.code, message: error.message)
        }
        defer { close(file) }
        let bytes: [UInt8]?
        do throws(SystemError) { bytes = try FileBytes.read(file, atMost: limit) } catch {
            throw MailTrouble(code: "file_failed", message: "\(ShownText.path(path)): \(error)")
        }
        guard let bytes else { throw tooLarge }
        return bytes
    }
}
