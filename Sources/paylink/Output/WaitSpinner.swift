// `paylink wait` on a terminal: that it goes on, what for, and how long it may still take.

import Console
import Glibc
import OneShotPay
import Synchronization

/// Draws one line while a wait goes on, ten times a second. Nothing where standard error is no terminal.
final class WaitSpinner: Sendable {
    private struct State {
        var link: PayLink?
        var isOver = false
    }

    private static let signs: [Character] = Array("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")

    private let id: PayLinkID
    /// When the wait ends by itself.
    private let deadline: ContinuousClock.Instant?
    private let state = Mutex(State())

    /// `nil`: nobody sees it.
    init?(_ id: PayLinkID, timeout: Duration?) {
        guard isatty(2) == 1, Environment["TERM"] != "dumb" else { return nil }
        self.id = id
        deadline = timeout.map { ContinuousClock.now + $0 }
        draw(0)
    }

    func update(_ report: WaitReport) {
        if case .success(let link) = report.seen { state.withLock { $0.link = link } }
    }

    /// Takes the line away. Nothing is drawn after it.
    func end() {
        state.withLock { state in
            state.isOver = true
            StandardError.clearStatus()
        }
    }

    private func draw(_ step: Int) {
        let goesOn = state.withLock { state in
            guard !state.isOver else { return false }
            let line = Self.line(
                id, state.link, deadline: deadline.map { $0 - .now }, now: Int64(time(nil)), step: step)
            StandardError.drawStatus(ShownText.fitted(line, to: Terminal.width - 1))
            return true
        }
        guard goesOn else { return }
        Task.detached { [weak self] in
            try? await Task.sleep(for: .milliseconds(100))
            self?.draw(step + 1)
        }
    }

    /// - Parameters:
    ///   - deadline: how long until the wait ends by itself.
    ///   - now: Unix seconds, by this machine's clock.
    static func line(_ id: PayLinkID, _ link: PayLink?, deadline: Duration?, now: Int64, step: Int) -> String {
        var parts = ["\(signs[step % signs.count]) waiting for \(link.map { "\($0.amount) USD" } ?? "link \(id)")"]
        if let link { parts.append(ShownText.short(link.description, limit: 30)) }
        let expiry = link?.expiresAt.map { Duration.seconds($0 - now) }
        switch (deadline, expiry) {
        case (let limit?, let end?) where end > limit: parts.append("gives up in \(left(limit))")
        case (let limit?, nil): parts.append("gives up in \(left(limit))")
        case (_, let end?):
            parts.append(end > .zero ? "can be paid for \(left(end))" : "its time has passed: one last look")
        case (nil, nil): break
        }
        parts.append("Ctrl-C ends the wait")
        return parts.joined(separator: " · ")
    }

    /// `9:05`, `1:09:05`, `3 d`.
    private static func left(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        if seconds >= 2 * 86_400 { return "\(seconds / 86_400) d" }
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let minutes = seconds / 60 % 60
        return seconds >= 3_600
            ? "\(seconds / 3_600):\(two(minutes)):\(two(seconds % 60))" : "\(minutes):\(two(seconds % 60))"
    }
}
