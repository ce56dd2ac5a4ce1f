// The exit status of every outcome, decided here and nowhere else.

import ArgumentParser
import LuaRuntime
import OneShotPay
import Scripting

/// What the process tells its caller. The numbers are those of sysexits.h where it has one.
enum ExitStatus: Int32 {
    case done = 0
    case scriptFailed = 1
    case usage = 64
    case badInput = 65
    case unreachable = 69
    case internalError = 70
    case inputOutput = 74
    case unfinished = 75
    case refused = 77
    case configuration = 78
    case timeLimit = 124
    case interrupted = 130
    case terminated = 143

    var code: ExitCode { ExitCode(rawValue) }

    /// For a call that failed, by its stable code.
    static func of(_ code: OneShotPayError.Code) -> ExitStatus {
        switch code {
        case .unauthorized: .refused
        case .connectFailed, .resolveFailed, .tlsFailed, .connectionLost, .serverError, .rateLimited: .unreachable
        case .inDoubt: .unfinished
        case .timeout: .timeLimit
        case .invalidConfiguration: .configuration
        case .invalidRequest: .badInput
        case .cancelled: .interrupted
        default: .scriptFailed
        }
    }

    /// For a script. One that died of an error of the service keeps that error's status.
    static func of(_ failure: ScriptFailure) -> ExitStatus {
        guard failure.stop == nil else { return .timeLimit }
        switch failure.code.flatMap(OneShotPayError.Code.init) {
        case .unauthorized?: return .refused
        case .connectFailed?, .resolveFailed?, .tlsFailed?, .connectionLost?, .serverError?, .rateLimited?:
            return .unreachable
        case .inDoubt?: return .unfinished
        case .invalidConfiguration?: return .configuration
        default: return .scriptFailed
        }
    }
}
