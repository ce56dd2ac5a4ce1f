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
    }

    private let sources: DashboardSources
    private let reader: LedgerReader
    private let state = Mutex(State())

    init(_ sources: DashboardSources) throws(LedgerError) {
        self.sources = sources
        reader = LedgerReader(try sources.open("dashboard"), label: "dashboard's figures")
    }

    var standing: Standing { state.withLock { $0.standing } }

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
        reader.close()
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
        let clock = ContinuousClock()
        var seen: Int64?
        var parts = Parts()
        var lastBeat = clock.now
        while !Task.isCancelled {
            do {
                let mark = try await reader.read { try $0.changeMark() }
                let isNews = mark != seen
                seen = mark
                try await refresh(&parts, mark, isNews: isNews)
                if standing.problem != nil { change { $0.problem = nil } }
            } catch {
                let problem = "\((error as? LedgerError)?.message ?? "\(error)")"
                if standing.problem != problem { change { $0.problem = problem } }
            }
            tellOfChange()
            if clock.now >= lastBeat + Self.beat {
                lastBeat = clock.now
                tell(.beat)
            }
            try? await Task.sleep(for: sources.interval)
        }
    }

    private struct Parts {
        var payments = Refresh(rest: 1), today = Refresh(rest: 9), doubts = Refresh(rest: 30), month = Refresh(rest: 30)
    }

    /// The quick ones come first, and each is told as soon as it is there.
    private func refresh(_ parts: inout Parts, _ mark: Int64, isNews: Bool) async throws {
        let scope = sources.scope
        if isNews { change { _ in } }
        try await read(&parts.payments, mark) {
            try $0.newestReceipts(scope, limit: Standing.mostPayments)
        } then: {
            $0.payments = $1
        }
        let today = period(days: 1), month = period(days: Standing.days)
        try await read(&parts.today, mark) {
            try Report($0, scope, today, by: .hour)
        } then: {
            $0.today = $1
        }
        try await read(&parts.doubts, mark) { store in
            var query = LinkQuery()
            query.scope = scope
            query.isDoubtful = true
            query.limit = Standing.Doubts.mostLinks
            query.before = .max
            return Standing.Doubts(links: try store.links(query), effects: try store.effectsInDoubt(scope))
        } then: {
            $0.doubts = $1
        }
        try await read(&parts.month, mark) {
            try Report($0, scope, month, by: .day)
        } then: {
            $0.month = $1
        }
    }

    private func read<Value: Sendable>(
        _ part: inout Refresh, _ mark: Int64, _ body: @escaping @Sendable (any LedgerStore) throws -> Value,
        then take: (inout Standing, Value) -> Void
    ) async throws {
        let clock = ContinuousClock(), start = clock.now
        guard part.isDue(mark, start) else { return }
        let value = try await reader.read(body)
        part.note(mark, from: start, to: clock.now)
        change { take(&$0, value) }
        if clock.now - start > .milliseconds(100) { tellOfChange() }
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
