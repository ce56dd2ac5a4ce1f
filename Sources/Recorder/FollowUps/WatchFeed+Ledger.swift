// What a watch reads of the ledger: who it is, what is open, what has happened. Cheap while nothing changes.

import Advice
import Console
import Ledger
import NIOCore
import OneShotPay

extension WatchFeed {
    /// How far before the newest event a quick look reaches: clocks and commits are not in one order.
    private static var slack: Int64 { 10 }
    /// What one reading found.
    private struct Finding: Sendable {
        var mark: Int64
        var extent: LedgerReach.Extent
        /// The newest of them, as many as are read at once.
        var open: [LinkRow] = []
        var ended: [EndedLink] = []
        var events: [(spec: Int, followUp: FollowUp)] = []
    }

    /// Reads, takes in what was found, and calls back.
    func readLedger(_ done: @escaping () -> Void) {
        guard let since else { return register(done) }
        let now = links.eventLoop.now
        let reach = reach
        let endedSince = followed.looks.since(now: links.engine.localTime)
        let recent = max(since, newest - Self.slack)
        let width = options.page
        let queries = book.specs.map { spec -> FollowUpQuery in
            var query = FollowUpQuery(spec.event, prefix: effectPrefix(spec), since: since)
            query.keyPrefix = spec.keyPrefix
            query.step = options.step
            return query
        }
        links.ledger.read { store throws(LedgerError) -> Finding? in
            let mark = try store.changeMark()
            let extent = reach.extent(mark: mark, now: now)
            guard extent != .nothing else { return nil }
            var finding = Finding(mark: mark, extent: extent)
            finding.open = try store.openLinks(before: .max, limit: width)
            finding.ended = try store.endedLinks(since: endedSince)
            for (spec, first) in queries.enumerated() {
                var query = first
                if extent == .recent { query.since = recent }
                while true {
                    let page = try store.followUps(query)
                    finding.events += page.map { (spec, $0) }
                    guard page.count == query.limit, let last = page.last else { break }
                    query.after = (last.at, last.record.row)
                }
            }
            return finding
        } _: { [weak self] result in
            guard let self else { return }
            switch result {
            case .failure(let error): ledgerFailed(error, done)
            case .success(nil):
                state.readsLedger = true
                done()
            case .success(let finding?):
                state.readsLedger = true
                self.reach.didRead(finding.extent, mark: finding.mark, now: now)
                if finding.extent == .everything { for query in queries { passOver(query) } }
                take(finding, done)
            }
        }
    }

    /// What is behind us need not be gone through again; should that fail, it is.
    private func passOver(_ query: FollowUpQuery) {
        links.ledger.submit(.passOver(query)) { [weak self] result in
            guard let self, !isOver, case .success(.changed(true)) = result else { return }
            passOver(query)
        }
    }

    private func take(_ finding: Finding, _ done: @escaping () -> Void) {
        for (spec, followUp) in finding.events {
            newest = max(newest, followUp.at)
            if var link = followUp.record.link {
                // Others may have seen it, and told nobody who reads this log.
                link.key = followUp.record.key
                links.tellOfGap(link)
            }
            if let problem = book.found(followUp, spec: spec, at: moment) {
                log(
                    LogMessage(
                        level: .warn,
                        text:
                            "follow-up \"\(book.specs[spec].name)\" \(problem); "
                            + "\(links.words(.retryingEffect)) runs it again",
                        fields: [("effect", followUp.key)]))
            }
        }
        // What rests since an earlier process is due some time.
        if let due = book.nextDue { wake(by: due) }
        take(open: finding.open, ended: finding.ended, isWhole: finding.extent == .everything, done)
    }

    /// Takes in what is open, a page at a time: looks begin meanwhile. Of many, the newest are all that most readings need.
    private func take(open rows: [LinkRow], ended: [EndedLink], isWhole: Bool, _ done: @escaping () -> Void) {
        let hasMore = rows.count == options.page
        if isWhole || !hasMore { followed.open.beginReading() }
        followed.open.list(rows, now: links.eventLoop.now)
        let stop = followed.take(ended: ended, now: links.eventLoop.now, unixTime: links.engine.localTime)
        for row in stop.ended { lateLooks.removeValue(forKey: row)?.cancel() }
        self.stop(stop.open)
        if !hasMore { self.stop(followed.open.endReading()) }
        lookOpen()
        guard hasMore, isWhole, let last = rows.last else { return done() }
        readOpen(before: last, done)
    }

    private func readOpen(before row: LinkRow, _ done: @escaping () -> Void) {
        state.listed = followed.open.count
        changed()
        let width = options.page
        links.ledger.read { store throws(LedgerError) in
            try store.openLinks(before: row, limit: width)
        } _: { [weak self] result in
            guard let self else { return }
            guard !isOver, case .success(let rows) = result else {
                state.listed = nil
                if case .failure(let error) = result { return ledgerFailed(error, done) }
                return done()
            }
            followed.open.list(rows, now: links.eventLoop.now)
            lookOpen()
            if rows.count == width, let last = rows.last { return readOpen(before: last, done) }
            state.listed = nil
            stop(followed.open.endReading())
            lookOpen()
            done()
        }
    }

    /// Looks at the ended links whose time has come.
    func lookLate() {
        guard !isFetching, case let rows = dueLooks(), !rows.isEmpty else { return }
        isFetching = true
        links.ledger.read { store throws(LedgerError) in
            try store.links(rows: rows)
        } _: { [weak self] result in
            guard let self, !isOver else { return }
            isFetching = false
            let records = (try? result.get()) ?? []
            let found = Dictionary(uniqueKeysWithValues: records.map { ($0.row, $0) })
            for row in rows { lookLate(row, found[row]?.link) }
        }
    }

    /// Looks at the open links whose turn has come. What is known of them is read only now: there may be very many.
    func lookOpen() {
        defer { links.engine.restingLinks = followed.open.resting }
        guard !isEnding, !isOver else { return }
        if hasGivenUp {
            state.unseen += followed.open.endAll()
            return
        }
        guard !isWaking else { return }
        let rows = followed.open.wake(now: links.eventLoop.now)
        guard !rows.isEmpty else { return wakeOpen() }
        isWaking = true
        links.ledger.read { store throws(LedgerError) in
            try store.links(rows: rows)
        } _: { [weak self] result in
            guard let self, !isOver else { return }
            isWaking = false
            guard !isEnding else { return }
            switch result {
            case .failure(let error):
                ledgerFailed(error) {}
                let later = links.eventLoop.now + TimeAmount(options.pace)
                for row in rows { rest(row, until: later) }
            case .success(let records):
                let found = Dictionary(uniqueKeysWithValues: records.map { ($0.row, $0) })
                for row in rows { look(row, found[row]) }
            }
            lookOpen()
        }
    }

    /// Says who we are, and learns since when we follow.
    private func register(_ done: @escaping () -> Void) {
        let back = options.reachesBack.map { links.engine.localTime - $0.components.seconds }
        links.ledger.submit(.follow(name: options.name, since: back)) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success(.follower(let since)):
                self.since = since
                newest = since
                readLedger(done)
            case .success: ledgerFailed(LedgerError(.failed, "the ledger gave no answer to the watch"), done)
            case .failure(let error): ledgerFailed(error, done)
            }
        }
    }

    /// A ledger that others hold for too long is asked again; one that cannot be used ends the watch.
    private func ledgerFailed(_ error: LedgerError, _ done: @escaping () -> Void) {
        guard error.code == .busy, !options.isSweep else { return fail(LinkFailure(error)) }
        if state.readsLedger { log(LogMessage(level: .warn, text: error.message, fields: [])) }
        state.readsLedger = false
        reach.didFail()
        done()
    }

    private func effectPrefix(_ spec: FollowUpSpec) -> String { "watch:\(options.name):\(spec.name):" }
}
