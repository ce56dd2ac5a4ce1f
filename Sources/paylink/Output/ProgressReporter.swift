// Shows a batch's progress on standard error: redrawn on a terminal, now and then elsewhere, or not at all.

import Batch
import Glibc
import Synchronization

/// May be told of progress from any thread, as often as one likes.
final class ProgressReporter: Sendable {
    enum Mode: Sendable {
        case silent
        /// One line that is drawn again, ten times a second at most.
        case terminal
        /// A line every ten seconds at most.
        case lines

        static var custom: Mode { isatty(2) == 1 && Environment["TERM"] != "dumb" ? .terminal : .lines }
    }

    private struct State {
        var phase: BatchProgress.Phase?
        var phaseBegan = ContinuousClock.now
        var lastShown: ContinuousClock.Instant?
        var isDrawn = false
    }

    private let mode: Mode
    private let began = ContinuousClock.now
    private let state = Mutex(State())

    init(_ mode: Mode) { self.mode = mode }

    func update(_ progress: BatchProgress) {
        guard mode != .silent else { return }
        state.withLock { state in
            let now = ContinuousClock.now
            if state.phase != progress.phase {
                state.phase = progress.phase
                state.phaseBegan = now
            }
            let elapsed = now - state.phaseBegan
            switch mode {
            case .silent: break
            case .terminal:
                // What is over in a moment needs no bar.
                guard now - (state.lastShown ?? began) >= .milliseconds(100) else { return }
                state.lastShown = now
                state.isDrawn = true
                let line = ProgressLine.bar(
                    progress, elapsed: elapsed, width: Terminal.width - 1, isColoured: Terminal.isColoured)
                Terminal.write("\r\u{1B}[K" + line)
            case .lines:
                guard now - (state.lastShown ?? began) >= .seconds(10) else { return }
                state.lastShown = now
                Terminal.message(ProgressLine.plain(progress, elapsed: elapsed))
            }
        }
    }

    /// Takes the line away, so that other messages have the terminal to themselves.
    func clear() {
        state.withLock { state in
            guard state.isDrawn else { return }
            state.isDrawn = false
            Terminal.write("\r\u{1B}[K")
        }
    }
}
