// Looks whether the ledger has changed, reads again what is shown of it, and tells those who watch.

import Dates
import Ledger
import Report
import Synchronization

/// Keeps ``Standing`` true for as long as it runs.
final class LedgerFollower: Sendable {
    /// What is told to whoever watches.
    enum Event: Sendable { case changed, beat }

    private struct State {
        var standing = Standing()
        var watchers: [Int: AsyncStream<Event>.Continuation] = [:]
        var next = 0
        var task: Task<Void, Never>?
        var isStopped = false
        /// The version that was told of.
        var told = 0
        /// The ledger's, as it was seen last.
        var mark: Int64?
        /// Why a part could not be read last.
        var problems: [Part: String] = [:]
    }

    /// What is read by itself: what is quick waits for nothing that takes long.
    private enum Part: Int, CaseIterable, Comparable {
        case changes, today, doubts, month

        static func < (left: Part, right: Part) -> Bool { left.rawValue < right.rawValue }
    }

    private let sources: DashboardSources
    private let changes, sums, month: LedgerReader
    private let state = Mutex(State())

    init(_ sources: DashboardSources) throws(LedgerError) {
        self.sources = sources
        changes = LedgerReader(try sources.open("dashboard"), label: "dashboard's changes")
        sums = LedgerReader(try sources.open("dashboard"), label: "dashboard's sums")
        month = LedgerReader(try sources.open("dashboard"), label: "dashboard's month")
    }

    var standing: Standing { state.withLock { $0.standing } }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    func start() { state.withLock { $0.task = Task { await run() } } }

    /// Ends it, and the events of all who watch.
    func stop() async {
        let (task, watchers) = state.withLock { state in
            state.isStopped = true
            defer { state.watchers = [:] }
            return (state.task, Array(state.watchers.values))
        }
        for watcher in watchers { watcher.finish() }
        task?.cancel()
        await task?.value
        for reader in [changes, sums, month] { reader.close() }
    }

    /// Events from now on, until whoever asked lets go of them. Of several that nobody has taken the last one is kept.
    func events() -> AsyncStream<Event> {
        let (stream, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state -> Int? in
            guard !state.isStopped else { return nil }
            state.next += 1
            state.watchers[state.next] = continuation
            return state.next
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.state.withLock { $0.watchers[number] = nil } }
        return stream
    }

    private func tell(_ event: Event) {
        let watchers = state.withLock { Array($0.watchers.values) }
        for watcher in watchers { watcher.yield(event) }
    }

    // MARK: Following

    /// Connections that are gone are found by this.
    private static let beat = Duration.seconds(15)

    private func run() async {
        let scope = sources.scope
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in await follow() }
            group.addTask { [self] in
                await keep(.today, rest: 9, on: sums) { [self] in
                    try Report($0, scope, period(days: 1), by: .hour, isCancelled: { self.isStopped })
                } then: {
                    $0.today = $1
                }
            }
            group.addTask { [self] in
                await keep(.doubts, rest: 30, on: sums) {
                    try Standing.Doubts(of: scope, in: $0)
                } then: {
                    $0.doubts = $1
                }
            }
            group.addTask { [self] in
                await keep(.month, rest: 30, on: month) { [self] in
                    (
                        report: try Report(
                            $0, scope, period(days: Standing.days), by: .day, isCancelled: { self.isStopped }),
                        at: sources.now()
                    )
                } then: {
                    $0.month = $1
                }
            }
        }
    }

    /// Looks for changes, and reads the newest payments at each.
    private func follow() async {
        let clock = ContinuousClock(), scope = sources.scope
        var lastBeat = clock.now, shown: Int64?
        while !Task.isCancelled {
            await attempt(.changes) {
                let mark = try await changes.read { try $0.changeMark() }
                state.withLock { $0.mark = mark }
                guard shown != mark else { return }
                let payments = try await changes.read { try $0.newestReceipts(scope, limit: Standing.mostPayments) }
                change { $0.payments = payments }
                shown = mark
            }
            if clock.now >= lastBeat + Self.beat {
                lastBeat = clock.now
                tell(.beat)
            }
            try? await Task.sleep(for: sources.interval)
        }
    }

    /// Reads a part again whenever that is due.
    private func keep<Value: Sendable>(
        _ part: Part, rest: Double, on reader: LedgerReader,
        _ body: @escaping @Sendable (any LedgerStore) throws -> Value,
        then take: (inout Standing, Value) -> Void
    ) async {
        let clock = ContinuousClock()
        var refresh = Refresh(rest: rest)
        while !Task.isCancelled {
            let start = clock.now
            if let mark = state.withLock({ $0.mark }), refresh.isDue(mark, start) {
                let isDone = await attempt(part) {
                    let value = try await reader.read(body)
                    change { take(&$0, value) }
                }
                if isDone {
                    refresh.note(mark, from: start, to: clock.now)
                } else {
                    try? await Task.sleep(for: .seconds(1))
                }
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Tells of what it changes, or why it could not.
    @discardableResult
    private func attempt(_ part: Part, _ body: () async throws -> Void) async -> Bool {
        var problem: String?
        do { try await body() } catch { problem = (error as? LedgerError)?.message ?? "\(error)" }
        let shown = state.withLock { state -> String? in
            state.problems[part] = problem
            return state.problems.min { $0.key < $1.key }?.value
        }
        if standing.problem != shown { change { $0.problem = shown } }
        tellOfChange()
        return problem == nil
    }

    /// So many days up to now, with the present one.
    private func period(days: Int64) -> ReportPeriod {
        let now = sources.now(), zone = sources.zone
        let first = CivilDay(number: zone.day(at: now).number - days + 1)
        return ReportPeriod(
            since: zone.beginning(of: first), before: zone.beginning(of: CivilDay(number: first.number + days)),
            zone: zone)
    }

    private func change(_ body: (inout Standing) -> Void) {
        state.withLock {
            $0.standing.version += 1
            body(&$0.standing)
        }
    }

    private func tellOfChange() {
        let isNews = state.withLock { state in
            defer { state.told = state.standing.version }
            return state.told != state.standing.version
        }
        if isNews { tell(.changed) }
    }
}
