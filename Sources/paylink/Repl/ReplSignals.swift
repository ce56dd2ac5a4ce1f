// Signals during a session: Ctrl-C ends what runs, or drops what is being typed; others end the session.

import CPosix
import Console
import Dispatch
import Glibc
import LuaRuntime
import Scripting
import Synchronization

/// Acts on signals, on a queue of its own, for as long as the process lives.
final class ReplSignals: Sendable {
    private struct State {
        var status: ExitStatus?
        /// The evaluation that was told to end, and does not.
        var stubborn: Int64?
    }

    private let session: ReplSession
    private let control: ScriptControl
    private let queue = DispatchQueue(label: "signals")
    private let state = Mutex(State())

    init(_ session: ReplSession, _ control: ScriptControl) {
        self.session = session
        self.control = control
        let numbers = [SIGINT, SIGTERM, SIGHUP] + (session.isInteractive ? [SIGWINCH, SIGCONT, SIGTSTP] : [])
        let signals = cposix_watch_every_signal(numbers, Int32(numbers.count))
        DispatchQueue(label: "signals that come").async { [self] in
            while true {
                var wait = pollfd(fd: signals, events: Int16(POLLIN), revents: 0)
                _ = poll(&wait, 1, -1)
                var number: UInt8 = 0
                guard read(signals, &number, 1) == 1 else { continue }
                queue.async { [self, number] in act(on: Int32(number)) }
            }
        }
    }

    /// Why the session was ended, if it was.
    var status: ExitStatus? { state.withLock { $0.status } }

    private func act(on signal: Int32) {
        switch signal {
        case SIGWINCH: session.wake(.resize)
        case SIGCONT: session.wake(.goOn)
        case SIGTSTP: if session.isReading { session.wake(.suspend) } else { raise(SIGSTOP) }
        case SIGINT where session.isInteractive: interrupt()
        default: end(ExitStatus(rawValue: 128 + signal))
        }
    }

    /// What runs ends at what it waits for, and a moment later where it computes.
    private func interrupt() {
        guard let number = session.running else {
            session.wake(.interrupt)
            // What keeps the next prompt away computes: a task in the background, or one that is being ended.
            return later(.milliseconds(100)) { [self] in
                if session.running == nil, !session.isReading { control.interrupt(.interrupt) }
            }
        }
        if state.withLock({ $0.stubborn == number }) {
            giveUp(.interrupted, "ended while it was blocked")
        }
        session.draw("\n")  // the terminal has shown ^C
        session.interrupt()
        later(.milliseconds(100)) { [self] in if session.running == number { control.interrupt(.interrupt) } }
        later(.seconds(2)) { [self] in
            guard session.running == number else { return }
            state.withLock { $0.stubborn = number }
            Terminal.message("it is in a call that does not return: Ctrl-C again ends the session")
        }
    }

    /// Ends the session; once more, at once.
    func end(_ status: ExitStatus) {
        let isFirst = state.withLock { state in
            defer { state.status = state.status ?? status }
            return state.status == nil
        }
        guard isFirst else {
            TerminalModes.restore()
            _exit(status.rawValue)
        }
        control.stop(status == .timeLimit ? .deadline : .interrupt)
        later(.milliseconds(100)) { [self] in control.interrupt(.interrupt) }
        later(.seconds(2)) { [self] in giveUp(status, "the session was ended while it was blocked") }
    }

    /// Ends the session after so long.
    func end(after limit: Duration) {
        later(.milliseconds(Int(clamping: Int64(limit / .milliseconds(1))))) { [self] in end(.timeLimit) }
    }

    private func later(_ time: DispatchTimeInterval, _ body: @escaping @Sendable () -> Void) {
        queue.asyncAfter(deadline: .now() + time, execute: body)
    }

    private func giveUp(_ status: ExitStatus, _ message: String) -> Never {
        TerminalModes.restore()
        GivingUp.exit(status) { Terminal.message(message) }
    }
}
