// The exit status of every outcome, decided here and nowhere else.

import ArgumentParser
import LuaRuntime
import OneShotPay
import Scripting

/// What the process tells its caller. The numbers are those of sysexits.h where it has one.
struct ExitStatus: Equatable {
    var rawValue: Int32

    static let done = ExitStatus(rawValue: 0)
    static let scriptFailed = ExitStatus(rawValue: 1)
    static let usage = ExitStatus(rawValue: 64)
    static let badInput = ExitStatus(rawValue: 65)
    static let unreachable = ExitStatus(rawValue: 69)
    static let internalError = ExitStatus(rawValue: 70)
    static let inputOutput = ExitStatus(rawValue: 74)
    static let unfinished = ExitStatus(rawValue: 75)
    static let refused = ExitStatus(rawValue: 77)
    static let configuration = ExitStatus(rawValue: 78)
    static let timeLimit = ExitStatus(rawValue: 124)
    static let hungUp = ExitStatus(rawValue: 129)
    static let interrupted = ExitStatus(rawValue: 130)
    static let terminated = ExitStatus(rawValue: 143)

    /// What the script gave to `os.exit`.
    static func chosen(_ status: Int32) -> ExitStatus { ExitStatus(rawValue: status) }

    var code: ExitCode { ExitCode(rawValue) }

    /// For a call that failed, by its stable code.
    static func of(_ code: OneShotPayError.Code) -> ExitStatus {
        switch code {
        case .unauthorized: .refused
        case .connectFailed, .resolveFailed, .tlsFailed, .connectionLost, .serverError, .rateLimited, .badReply,
            .replyTooLarge:
            .unreachable
        case .inDoubt: .unfinished
        case .timeout: .timeLimit
        case .invalidConfiguration, .redirectRefused: .configuration
        case .invalidRequest: .badInput
        case .cancelled: .interrupted
        default: .scriptFailed
        }
    }

    /// For a script. One that died of an error of the service keeps that error's status.
    static func of(_ failure: ScriptFailure) -> ExitStatus {
        guard failure.stop == nil else { return .timeLimit }
        guard let code = failure.code.flatMap(OneShotPayError.Code.init) else { return .scriptFailed }
        let status = of(code)
        return [.refused, .unreachable, .unfinished, .configuration].contains(status) ? status : .scriptFailed
    }
}
