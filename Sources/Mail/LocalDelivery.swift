// Hands messages to the machine's own sendmail: an argument list, no shell; the message on its standard input.
// It blocks: call it away from event loops.

import Glibc
import Synchronization

/// The local `sendmail`, or what stands in for it.
package struct LocalDelivery: Sendable {
    /// Set from any thread to give up: the program is killed.
    package final class Cancellation: Sendable {
        private let flag = Atomic<Bool>(false)
        package init() {}
        package func cancel() { flag.store(true, ordering: .relaxed) }
        package var isCancelled: Bool { flag.load(ordering: .relaxed) }
    }

    package let program: String
    package let limit: Duration

    /// - Parameter program: an absolute path, or `sendmail`, which is looked up where it usually is.
    package init(program: String, limit: Duration) {
        self.program = program
        self.limit = limit
    }

    package func send(_ mail: MailMessage, _ message: [UInt8], _ cancellation: Cancellation) -> Result<
        MailReceipt, MailFailure
    > {
        guard let path = resolved else {
            return .failure(
                MailFailure(
                    .refused,
                    "there is no program \(MailFailure.shown(program)); install a mail server or name an SMTP server"))
        }
        let arguments = [path, "-i", "-f", mail.from.spec, "--"] + mail.recipients
        // Programs on the standard input expect the system's own line ends.
        let input = message.filter { $0 != 0x0D }
        let child: ChildProgram
        do throws(ChildProgram.StartFailure) { child = try ChildProgram(path, arguments) } catch {
            return .failure(MailFailure(.refused, "\(path) cannot be run: \(error.reason)"))
        }
        let end = child.run(input, limit: limit) { cancellation.isCancelled }
        return Self.judged(end, path: path, limit: limit, recipients: mail.recipients)
    }

    private var resolved: String? {
        if program.hasPrefix("/") { return access(program, X_OK) == 0 ? program : nil }
        return ["/usr/sbin/", "/usr/lib/", "/usr/bin/", "/usr/local/bin/"].map { $0 + program }.first {
            access($0, X_OK) == 0
        }
    }

    /// What an end means (the numbers are those of <sysexits.h>).
    static func judged(
        _ end: ChildProgram.End, path: String, limit: Duration, recipients: [String]
    ) -> Result<MailReceipt, MailFailure> {
        let words = MailFailure.shown(end.output.split(separator: "\n").joined(separator: " "))
        let said = words.isEmpty ? "" : ": \(words)"
        switch end.status {
        case .exited(0) where end.tookAll: return .success(MailReceipt(accepted: recipients, refused: []))
        case .exited(0):
            // It says that all is well, so it may have sent what it had.
            return .failure(
                MailFailure(
                    .inDoubt,
                    "\(path) ended without a fault before it had read the whole message: whether it was accepted is not known\(said)"
                ))
        case .exited(let status) where status == 75 || [69, 70, 71, 74].contains(status):
            return .failure(MailFailure(.failed, "\(path) could not take the message now (status \(status))\(said)"))
        case .exited(let status) where status != 0:
            return .failure(MailFailure(.refused, "\(path) refused the message (status \(status))\(said)"))
        default:
            let what =
                switch end.status {
                case .exited: "ended before it had read the message"
                case .signalled(let number): "was ended by signal \(number)"
                case .timedOut: "was not done within \(limit) and was killed"
                }
            return .failure(
                end.tookAll
                    ? MailFailure(
                        .inDoubt,
                        "\(path) \(what) after it had the whole message: whether it was accepted is not known\(said)")
                    : MailFailure(.failed, "\(path) \(what)\(said)"))
        }
    }
}
