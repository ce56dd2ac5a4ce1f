// Ctrl-C, SIGTERM and time limits: the first ends the work in an orderly way, a second signal at once.

import Dispatch
import Glibc
import LuaRuntime

/// Watches for signals and a time limit while something runs.
final class Interruption {
    /// Which signal came, if one did.
    private(set) var status: ExitStatus?
    private var sources: [any DispatchSourceProtocol] = []

    /// - Parameters:
    ///   - gently: ends what waits.
    ///   - firmly: ends what computes, a moment later.
    init(
        timeout: Duration?, gently: @escaping @Sendable (LuaStop) -> Void, firmly: @escaping @Sendable (LuaStop) -> Void = { _ in }
    ) {
        for (number, status) in [(SIGINT, ExitStatus.interrupted), (SIGTERM, .terminated), (SIGHUP, .terminated)] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            let seen = Once()
            source.setEventHandler { [weak self] in
                guard seen.first() else { _exit(status.rawValue) }
                self?.status = self?.status ?? status
                gently(.interrupt)
                DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(100)) { firmly(.interrupt) }
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
        }
        timer.resume()
        sources.append(timer)
    }

    func end() { for source in sources { source.cancel() } }

    private final class Once: @unchecked Sendable {
        // Safe because: read and written only by one source's handler, which never runs twice at a time.
        private var isUsed = false
        func first() -> Bool {
            defer { isUsed = true }
            return !isUsed
        }
    }
}
