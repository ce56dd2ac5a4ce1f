// The programs of one script that have not ended: its end waits for theirs.

/// Counts running programs. Belongs to the event loop.
final class RunningPrograms {
    private(set) var count = 0
    private var whenIdle: (() -> Void)?

    func began() { count += 1 }

    func ended() {
        count -= 1
        guard count == 0, let done = whenIdle else { return }
        whenIdle = nil
        done()
    }

    /// Calls back when none runs: at once if that is now.
    func whenIdle(_ done: @escaping () -> Void) {
        if count == 0 { done() } else { whenIdle = done }
    }
}
