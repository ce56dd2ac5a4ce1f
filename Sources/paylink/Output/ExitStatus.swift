// The exit status of every outcome, decided here and nowhere else.

import ArgumentParser
import Batch
import Jobs
import Ledger
import LuaRuntime
import OneShotPay
import Recorder
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
    /// Nobody reads standard output any more, as behind `| head`: as if SIGPIPE had ended the process.
    static let abandonedOutput = ExitStatus(rawValue: ScriptResult.abandonedOutput)
    static let terminated = ExitStatus(rawValue: 143)

    /// What the script gave to `os.exit`.
    static func chosen(_ status: Int32) -> ExitStatus { ExitStatus(rawValue: status) }

    var code: ExitCode { ExitCode(rawValue) }

    /// For a call that failed.
    static func of(_ failure: LinkFailure) -> ExitStatus { of(failure.code) }

    /// By the code of a failure, whoever it comes from.
    static func of(_ code: ErrorCode) -> ExitStatus {
        switch code {
        case .recording(let code): of(code)
        case .ledger(let code): of(code)
        case .service(let code): of(code)
        case .file: .inputOutput
        }
    }

    static func of(_ code: LinkFailure.Code) -> ExitStatus {
        switch code {
        case .inDoubt, .busy: .unfinished
        case .keyReused, .abandoned: .badInput
        case .limitReached, .dryRun, .notFound, .notAllowed: .scriptFailed
        }
    }

    static func of(_ code: LedgerError.Code) -> ExitStatus {
        switch code {
        case .busy: .unfinished
        case .full, .readOnly, .corrupt, .newer, .replaced, .failed: .inputOutput
        case .misconfigured: .configuration
        }
    }

    /// For a call of the service that failed.
    static func of(_ code: OneShotPayError.Code) -> ExitStatus {
        switch code {
        case .unauthorized: .refused
        case .unreachable, .connectFailed, .resolveFailed, .tlsFailed, .connectionLost, .serverError, .rateLimited,
            .badReply, .replyTooLarge:
            .unreachable
        case .inDoubt, .unreadableReply: .unfinished
        case .timeout: .timeLimit
        case .invalidConfiguration, .redirectRefused, .expiredOnArrival: .configuration
        case .invalidRequest: .badInput
        case .cancelled: .interrupted
        case .notFound, .rejected, .underpaid, .expired, .archived, .ignored, .shutDown: .scriptFailed
        }
    }

    /// For a script. One that died of an error of the service keeps that error's status.
    static func of(_ failure: ScriptFailure) -> ExitStatus {
        if failure.stop == .lost { return failure.code == "isolation_failed" ? .configuration : .internalError }
        guard failure.stop == nil else { return .timeLimit }
        let status = failure.code.flatMap(ErrorCode.init(name:)).map { of($0) } ?? .scriptFailed
        let kept: [ExitStatus] = [.refused, .unreachable, .unfinished, .inputOutput, .configuration]
        return kept.contains(status) ? status : .scriptFailed
    }

    /// For a start of a job.
    static func of(_ end: JobEnd) -> ExitStatus {
        switch end {
        case .ran(let status): ExitStatus(rawValue: status)
        case .refused(.notDue), .refused(.tooLate), .refused(.busySkipped): .done
        case .refused(.busyFailed): .unfinished
        case .failed(let error): of(error.code)
        }
    }

    /// For a sync of the ledger that came to its end.
    static func of(_ summary: SyncSummary) -> ExitStatus {
        guard summary.unseen > 0 else { return .done }
        guard summary.seen == 0, let problem = summary.problem, of(problem) == .unreachable else { return .unfinished }
        return .unreachable
    }

    /// For a batch. Which signal interrupted it, the caller knows.
    static func of(_ end: BatchSummary.End) -> ExitStatus {
        switch end {
        case .done, .planned: .done
        case .rejectedRows, .nothingSent, .badInput: .badInput
        case .unfinished, .ledgerBusy: .unfinished
        case .unreachable: .unreachable
        case .credentials: .refused
        case .configuration, .otherAccount: .configuration
        case .ledger, .inputOutput: .inputOutput
        case .usage: .usage
        case .limitReached: of(LinkFailure.Code.limitReached)
        case .scriptFailed: .scriptFailed
        case .scriptLimit: .timeLimit
        case .interrupted: .interrupted
        }
    }
}
