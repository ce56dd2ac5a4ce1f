// Ctrl-C, SIGTERM and time limits: the first ends the work in an orderly way, a second signal at once.

import CPosix
import Glibc
import LuaRuntime
import Synchronization

/// Watches for signals and a time limit while something runs.
///
/// Once it exists no signal is lost: its handlers stand, and a thread of its own acts on them, however busy the
/// process is. The second signal ends the process within its handler.
final class Interruption {
    /// Which signal came, if one did.
    var status: ExitStatus? { watch.signal }
    private let watch: SignalWatch
    /// Closing it tells the thread that the work has ended.
    private let isRunning: Int32

    /// - Parameters:
    ///   - gently: ends what waits. Like the others it is called on a thread of its own.
    ///   - firmly: ends what computes, a moment later.
    ///   - atLast: ends what neither of them could end; then the process exits.
    init(
        timeout: Duration?, gently: @escaping @Sendable (LuaStop) -> Void,
        firmly: @escaping @Sendable (LuaStop) -> Void = { _ in },
        atLast: (@Sendable (LuaStop) -> Void)? = nil
    ) {
        var ends: [Int32] = [-1, -1]
        _ = cposix_pipe(&ends)
        isRunning = ends[1]
        watch = SignalWatch(
            signals: cposix_watch_signals([SIGINT, SIGTERM, SIGHUP], 3), end: ends[0],
            deadline: timeout.map { ContinuousClock.now + $0 }, gently: gently, firmly: firmly, atLast: atLast)
        watch.start()
    }

    func end() { watch.close(isRunning) }
}

/// What an interruption's thread does.
private final class SignalWatch: Sendable {
    private let signals: Int32
    private let end: Int32
    private let deadline: ContinuousClock.Instant?
    private let gently: @Sendable (LuaStop) -> Void
    private let firmly: @Sendable (LuaStop) -> Void
    private let atLast: (@Sendable (LuaStop) -> Void)?
    private let state = Mutex<(signal: ExitStatus?, hasEnded: Bool)>((nil, false))

    init(
        signals: Int32, end: Int32, deadline: ContinuousClock.Instant?, gently: @escaping @Sendable (LuaStop) -> Void,
        firmly: @escaping @Sendable (LuaStop) -> Void, atLast: (@Sendable (LuaStop) -> Void)?
    ) {
        self.signals = signals
        self.end = end
        self.deadline = deadline
        self.gently = gently
        self.firmly = firmly
        self.atLast = atLast
    }

    deinit { Glibc.close(end) }

    var signal: ExitStatus? { state.withLock { $0.signal } }

    /// Once: the number of a file that is closed soon belongs to another one.
    func close(_ file: Int32) {
        let isFirst = state.withLock { state in
            defer { state.hasEnded = true }
            return !state.hasEnded
        }
        if isFirst { Glibc.close(file) }
    }

    func start() {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(self)
        let failure = pthread_create(
            &thread, nil,
            { context in
                // Safe because: `start` handed it over, retained, and nobody else takes it.
                Unmanaged<SignalWatch>.fromOpaque(context!).takeRetainedValue().watch()
                return nil
            }, box.toOpaque())
        if failure == 0 { pthread_detach(thread) } else { box.release() }
    }

    private func watch() {
        guard let (stop, status) = next() else { return }
        gently(stop)
        usleep(stop == .deadline ? 50_000 : 100_000)
        firmly(stop)
        guard let atLast else { return }
        // When what should have ended is still there: a read that blocks cannot be ended otherwise.
        usleep(1_900_000)
        GivingUp.exit(status) { atLast(stop) }
    }

    /// Waits for the first signal or the deadline; `nil`: the work has ended before.
    private func next() -> (LuaStop, ExitStatus)? {
        while true {
            var waits = [signals, end].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            _ = poll(&waits, nfds_t(waits.count), milliseconds())
            var number: UInt8 = 0
            if waits[0].revents != 0, read(signals, &number, 1) == 1 {
                let status = ExitStatus(rawValue: 128 + Int32(number))
                state.withLock { $0.signal = status }
                return (.interrupt, status)
            }
            if waits[1].revents != 0 { return nil }
            if let deadline, ContinuousClock.now >= deadline { return (.deadline, .timeLimit) }
        }
    }

    /// Until the deadline, but a day at most, for `poll`; -1 stands for ever.
    private func milliseconds() -> Int32 {
        guard let deadline else { return -1 }
        let (seconds, attoseconds) = (deadline - .now).components
        guard seconds < 86_400 else { return 86_400_000 }
        return Int32(max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1))
    }
}
