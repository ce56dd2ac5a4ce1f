// Ctrl-C, SIGTERM and time limits: the first ends the work in an orderly way, a second signal at once.

import Dispatch
import Glibc
import Ledger
import LuaRuntime
import Synchronization

/// Watches for signals and a time limit while something runs.
final class Interruption {
    /// Which signal came, if one did.
    var status: ExitStatus? { first.withLock { $0 } }
    private let first: FirstSignal
    private var sources: [any DispatchSourceProtocol] = []

    /// - Parameters:
    ///   - gently: ends what waits.
    ///   - firmly: ends what computes, a moment later.
    init(
        timeout: Duration?, gently: @escaping @Sendable (LuaStop) -> Void,
        firmly: @escaping @Sendable (LuaStop) -> Void = { _ in },
        atLast: (@Sendable (LuaStop) -> Void)? = nil
    ) {
        let first = FirstSignal()
        self.first = first
        for (number, status) in [(SIGINT, ExitStatus.interrupted), (SIGTERM, .terminated), (SIGHUP, .hungUp)] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                let isFirst = first.withLock { seen in
                    defer { seen = seen ?? status }
                    return seen == nil
                }
                guard isFirst else { _exit(status.rawValue) }
                gently(.interrupt)
                DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(100)) { firmly(.interrupt) }
                Self.giveUp(.interrupt, status, atLast)
            }
            source.resume()
            sources.append(source)
        }
        guard let timeout else { return }
        let timer = DispatchSource.makeTimerSource(queue: .global())
        let (seconds, attoseconds) = timeout.components
        let nanoseconds = Int(attoseconds / 1_000_000_000)
        timer.schedule(deadline: .now() + .seconds(Int(seconds)) + .nanoseconds(nanoseconds))
        timer.setEventHandler {
            gently(.deadline)
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(50)) { firmly(.deadline) }
            Self.giveUp(.deadline, .timeLimit, atLast)
        }
        timer.resume()
        sources.append(timer)
    }

    /// Ends the process when what should have ended is still there: a read that blocks cannot be ended otherwise.
    private static func giveUp(_ stop: LuaStop, _ status: ExitStatus, _ atLast: (@Sendable (LuaStop) -> Void)?) {
        guard let atLast else { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(2)) {
            // What is on its way into the ledger, perhaps held up by another process, is not thrown away.
            for _ in 0..<200 where LedgerWriter.areBusy { usleep(100_000) }
            atLast(stop)
            _exit(status.rawValue)
        }
    }

    func end() { for source in sources { source.cancel() } }

    /// The status for the signal that came first; a second one, whichever it is, ends the process.
    private final class FirstSignal: Sendable {
        private let status = Mutex<ExitStatus?>(nil)
        func withLock<Value>(_ body: (inout sending ExitStatus?) -> sending Value) -> sending Value {
            status.withLock(body)
        }
    }
}
