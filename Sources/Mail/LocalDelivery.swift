// Hands messages to the machine's own sendmail: an argument list, no shell; the message on its standard input.
// It blocks: call it away from event loops.

import Glibc
import Programs
import Synchronization

/// The local `sendmail`, or what stands in for it.
package struct LocalDelivery: Sendable {
    /// Set from any thread to give up: the program is ended.
    package final class Cancellation: Sendable {
        private let state = Mutex<(isCancelled: Bool, program: SpawnedProgram?)>((false, nil))
        package init() {}
        package var isCancelled: Bool { state.withLock { $0.isCancelled } }

        package func cancel() {
            state.withLock { state in
                state.isCancelled = true
                state.program?.stop()
            }
        }

        fileprivate func cover(_ program: SpawnedProgram) {
            state.withLock { state in
                state.program = program
                if state.isCancelled { program.stop() }
            }
        }
    }

    /// How much of what the program says is kept, in bytes.
    private static let keptWords = 2000

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
        var call = ProgramCall(
            path: path, arguments: [path, "-i", "-f", mail.from.spec, "--"] + mail.recipients,
            environment: Self.environment, timeout: limit, maximumOutput: 1 << 20, keptErrors: Self.keptWords)
        // Programs on the standard input expect the system's own line ends.
        call.input = .bytes(message.filter { $0 != 0x0D })
        let end: Result<ProgramResult, ProgramFailure>
        do throws(ProgramFailure) {
            let child = try SpawnedProgram.start(call)
            cancellation.cover(child)
            end = child.follow(call)
        } catch {
            return .failure(MailFailure(.refused, "\(path) \(error.message)"))
        }
        return Self.judged(end, path: path, recipients: mail.recipients)
    }

    /// Nothing of ours: only what finds programs and the user's own settings.
    private static var environment: [String: String] {
        var variables = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"]
        for name in ["HOME", "USER", "LOGNAME"] { variables[name] = getenv(name).map { String(cString: $0) } }
        return variables
    }

    private var resolved: String? {
        ProgramPath.find(program, in: "/usr/sbin:/usr/lib:/usr/bin:/usr/local/bin")
    }

    private enum Meaning { case failed, refused, inDoubt }

    /// What a status other than 0 means.
    ///
    /// Programs that hand the message on to a relay themselves have statuses of their own for a connection that broke
    /// after the relay had the message: msmtp 76, esmtp 70, ssmtp 1. So once the whole message was read, only statuses
    /// that speak of the message, its addresses, the settings or "not now" count as certain.
    private static func meaning(of status: Int32, tookAll: Bool, words: String) -> Meaning {
        switch status {
        case 69, 75: .failed
        case 70, 71, 74: tookAll ? .inDoubt : .failed
        case 64...68, 72, 73, 77, 78: .refused
        // ssmtp has one status for everything, but says so when it never reached its relay.
        case 1 where words.hasPrefix("ssmtp: Cannot open "): .failed
        default: tookAll ? .inDoubt : .refused
        }
    }

    /// What an end means (the numbers are those of <sysexits.h>).
    static func judged(
        _ end: Result<ProgramResult, ProgramFailure>, path: String, recipients: [String]
    ) -> Result<MailReceipt, MailFailure> {
        let (tookAll, printed) =
            switch end {
            case .success(let result): (result.tookAllInput, result.errors + result.output)
            case .failure(let failure): (failure.tookAllInput, failure.errors + failure.output)
            }
        let words = MailFailure.shown(
            String(decoding: printed.prefix(keptWords), as: UTF8.self).split(separator: "\n").joined(separator: " "))
        let said = words.isEmpty ? "" : ": \(words)"
        let what: String
        switch end {
        case .success(let result):
            switch result.end {
            case .status(0) where tookAll: return .success(MailReceipt(accepted: recipients, refused: []))
            case .status(0):
                // It says that all is well, so it may have sent what it had.
                return .failure(
                    MailFailure(
                        .inDoubt,
                        "\(path) ended without a fault before it had read the whole message: whether it was accepted is not known\(said)"
                    ))
            case .status(let status):
                switch Self.meaning(of: status, tookAll: tookAll, words: words) {
                case .failed:
                    return .failure(
                        MailFailure(.failed, "\(path) could not take the message now (status \(status))\(said)"))
                case .refused:
                    return .failure(MailFailure(.refused, "\(path) refused the message (status \(status))\(said)"))
                case .inDoubt: what = "ended with status \(status)"
                }
            case .signal(let number): what = "was ended by signal \(number)"
            }
        case .failure(let failure): what = failure.message
        }
        return .failure(
            tookAll
                ? MailFailure(
                    .inDoubt,
                    "\(path) \(what) after it had the whole message: whether it was accepted is not known\(said)")
                : MailFailure(.failed, "\(path) \(what)\(said)"))
    }
}
