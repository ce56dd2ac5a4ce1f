// Shows how a watch stands: to a person on a terminal, to systemd, and to whoever looks at a health file.

import Files
import Glibc
import OneShotPay
import Recorder
import Scripting
import Synchronization

/// Told of a watch's state on its event loop; asked for messages and for the end from other threads.
final class WatchMonitor: Sendable {
    private struct Progress {
        var state = WatchState()
        var lastDrawn: ContinuousClock.Instant?
        var isDrawn = false
        var lastHealth: ContinuousClock.Instant?
        var hasHealthFailed = false
        var isReady = false
        var today: ReceivedToday?
    }

    private let health: String?
    private let isSweep: Bool
    /// Whether a line on the terminal shows how things stand.
    let draws: Bool
    private let systemd = SystemdNotifier()
    private let progress = Mutex(Progress())

    init(health: String?, isSweep: Bool) {
        self.health = health
        self.isSweep = isSweep
        draws = isatty(2) == 1 && Environment["TERM"] != "dumb"
    }

    func update(_ state: WatchState) {
        progress.withLock { progress in
            progress.state = state
            let now = ContinuousClock.now
            draw(&progress, now)
            guard !isSweep else { return }
            if !progress.isReady, state.listed == nil {
                progress.isReady = true
                systemd.send("READY=1\nSTATUS=\(Self.line(state))")
            }
            guard now - (progress.lastHealth ?? now - .seconds(60)) >= .seconds(5) else { return }
            progress.lastHealth = now
            systemd.send((state.isWell ? "WATCHDOG=1\n" : "") + "STATUS=\(Self.line(state))")
            if state.isWell { writeHealth(&progress) }
        }
    }

    /// From now on the line on the terminal tells what came today.
    func show(_ today: ReceivedToday?) { progress.withLock { $0.today = today } }

    /// Makes room for other output.
    func clear() { progress.withLock { clear(&$0) } }

    /// A signal came. Follow-ups under way may take until `limit` has passed.
    func stopping(limit: Duration) {
        systemd.send("STOPPING=1")
        let running = progress.withLock { progress in
            clear(&progress)
            return progress.state.running
        }
        guard running > 0 else { return }
        Terminal.message(
            "ending: \(running) follow-up\(running == 1 ? "" : "s") under way may take \(limit.components.seconds) s more; "
                + "a second signal ends everything at once")
    }

    /// The status of the whole, when the script itself ended with `status`.
    func status(_ status: ExitStatus) -> ExitStatus {
        clear()
        let state = progress.withLock { $0.state }
        guard status == .done, isSweep else { return status }
        if state.unseen > 0, state.waits.lastSuccess == nil { return .unreachable }
        let isLeft = state.failures > 0 || state.waiting > 0 || state.parked > 0 || state.unseen > 0
        if isLeft {
            Terminal.message(
                "\(state.done) followed up, \(state.failures) failed, \(state.waiting) to be tried again, "
                    + "\(state.parked) left to you (paylink ledger doubt list), \(state.unseen) link(s) not seen")
        }
        return isLeft ? .unfinished : .done
    }

    // MARK: Terminal

    private func draw(_ progress: inout Progress, _ now: ContinuousClock.Instant) {
        guard draws, now - (progress.lastDrawn ?? now - .seconds(1)) >= .milliseconds(100) else { return }
        progress.lastDrawn = now
        progress.isDrawn = true
        // The cursor goes back to the beginning: what a follow-up prints begins there.
        let line = Self.line(progress.state, received: progress.today?.sum)
        Terminal.write("\r\u{1B}[K" + String(line.prefix(Terminal.width - 1)) + "\r")
    }

    private func clear(_ progress: inout Progress) {
        guard progress.isDrawn else { return }
        progress.isDrawn = false
        Terminal.write("\r\u{1B}[K")
    }

    private static func line(_ state: WatchState, received: Money? = nil) -> String {
        var parts = ["watching \(state.following) link\(state.following == 1 ? "" : "s")", "\(state.done) followed up"]
        if state.listed != nil { parts[0] += " so far" }
        if let received { parts.insert("\(received) USD received today", at: 1) }
        if state.running > 0 { parts.append("\(state.running) running") }
        if state.queued > 0 { parts.append("\(state.queued) queued") }
        if state.waiting > 0 { parts.append("\(state.waiting) to be tried again") }
        if state.parked > 0 { parts.append("\(state.parked) left to you") }
        if !state.readsLedger { parts.append("ledger busy") }
        if !state.reachesService { parts.append("links go unseen for too long") }
        if state.notSeen > 0 { parts.append("\(state.notSeen) not seen") }
        if state.ended > 0 { parts.append("\(state.ended) ended") }
        if state.following > 0 { parts.append("a payment is seen within \(DurationWords.short(state.waits.bound))") }
        return parts.joined(separator: " · ")
    }

    // MARK: Health file

    private func writeHealth(_ progress: inout Progress) {
        guard let health else { return }
        let state = progress.state
        let text = """
            {"time": \(Glibc.time(nil)), "pid": \(getpid()), "following": \(state.following), "followed_up": \(state.done), \
            "failed_runs": \(state.failures), "running": \(state.running), "queued": \(state.queued), \
            "to_be_tried_again": \(state.waiting), "left_to_a_person": \(state.parked), "looks": \(state.waits.looks), \
            "failed_looks": \(state.waits.failedLooks), "unseen_links": \(state.notSeen), "ended": \(state.ended), "bound_seconds": \(state.waits.bound.components.seconds)}

            """
        do throws(AtomicFile.Failure) {
            let file = try AtomicFile(path: health)
            try file.write(Array(text.utf8))
            try file.commit()
            progress.hasHealthFailed = false
        } catch {
            guard !progress.hasHealthFailed else { return }
            progress.hasHealthFailed = true
            clear(&progress)
            Terminal.message("--health: \(error); trying again")
        }
    }
}

/// Tells systemd how a service is doing, when it is one (`Type=notify`).
struct SystemdNotifier: Sendable {
    private let path = Environment["NOTIFY_SOCKET"]

    func send(_ text: String) {
        guard let path, let first = path.utf8.first, path.utf8.count < 108, first == 0x2F || first == 0x40 else {
            return
        }
        let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return }
        defer { close(socket) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        if first == 0x40 { name[0] = 0 }  // "@": an abstract socket
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count + (first == 0x2F ? 1 : 0))
        let bytes = Array(text.utf8)
        _ = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), $0, length)
            }
        }
    }
}
