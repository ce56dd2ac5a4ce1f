// The ledger on a PostgreSQL server: opening, transactions, and what becomes of them when the server goes away. What the
// operations do is in PostgresUnit, what they decide in ClaimRules and EffectRules, who is alive in PostgresLifeline.

package import Advice
import Glibc
import JSON
import OneShotPay

/// A ledger on a server, which processes on many machines may share. Every call may throw ``LedgerError``.
package final class PostgresLedger: LedgerStore, @unchecked Sendable {
    // Safe because: the port promises calls from one thread at a time, and all mutable state belongs to them; what the
    // lifeline's thread shares with them is behind its own lock.

    package struct Options: Sendable {
        /// How long a call waits for a server that is away, or for others, before it throws.
        package var patience: Duration = .seconds(15)
        /// For how long a run counts as alive after its last sign of life.
        package var lease: Duration = .seconds(20)
        /// Unix seconds for the columns that people read, in place of the server's clock; for tests.
        package var now: (@Sendable () -> Int64)?
        /// Tokens of effects.
        package var token: @Sendable () -> String = { EffectToken.random() }
        /// Whether changes that need no look before are made in one round trip.
        package var isQuick = true
        package var words: AdviceWords

        package init(words: AdviceWords = .neutral) { self.words = words }
    }

    let library: PostgresLibrary
    let address: PostgresAddress
    let scope: LedgerScope?
    let run: RunDescription
    let options: Options
    let json = JSONWriter(capacity: 1_024)
    private var connection: PostgresConnection?
    /// Holds what others see of this run: its lock and its lease. Made by the first write.
    private(set) var lifeline: PostgresLifeline?
    /// The scope's row, once it is known to be committed.
    var scopeRow: Int64?
    /// The newest row that this store was granted.
    private var newestRow: LinkRow = 0
    /// The marker of the last group that was answered.
    private var lastMark: String?
    /// The last group, where its answer was lost; its like is adopted, anything else finds it settled.
    private var unanswered: Unanswered?
    private var isClosed = false

    /// Opens a ledger whose schema is there.
    ///
    /// - Parameters:
    ///   - address: `postgres://user@host:port/database?parameters`.
    ///   - scope: whose rows the store claims. Without one it only reads, across scopes.
    package init(
        address: String, scope: LedgerScope?, run: RunDescription, options: Options = Options()
    ) throws(LedgerError) {
        self.scope = scope
        self.run = run
        self.options = options
        do throws(PostgresFailure) {
            library = try PostgresLibrary.load()
            self.address = try PostgresAddress(address, library)
        } catch {
            throw LedgerError(.failed, error.message)
        }
        _ = try patiently { (connection) throws(PostgresFailure) in try PostgresOpening.check(connection, options.words)
        }
    }

    package func close() {
        isClosed = true
        connection = nil
        // Last: whoever sees this run dead must see all that it has committed.
        lifeline?.end()
        lifeline = nil
    }

    /// As when the process is killed: nothing is recorded any more, and the server sees the sessions end.
    func abandon() { close() }

    var place: String { address.shown }

    // MARK: Transactions

    package func perform(_ operations: [LedgerOperation]) throws(LedgerError) -> [LedgerAnswer] {
        if operations.isEmpty { return [] }
        guard let scope else {
            throw LedgerError(.failed, "the ledger \(place) is open for reading only: no account was named")
        }
        // A process that has changed nothing leaves no trace.
        if lifeline == nil, try !mayChange(operations, scope) { return operations.map { _ in .changed(false) } }
        // Everything is decided inside the transaction, so it can be made again from the start.
        var isQuick = options.isQuick
        return try patiently { (connection) throws(PostgresFailure) in
            if let last = unanswered {
                // Whether it was committed is asked before anything is done again.
                let isCommitted = try last.group.isCommitted(on: connection, until: deadline)
                unanswered = nil
                if isCommitted, last.operations == operations { return try keep(last, connection) }
            }
            let group = PostgresGroup(run: try living().run, after: lastMark)
            var done = Unanswered(group: group, operations: operations, scopeRow: scopeRow)
            do throws(PostgresFailure) {
                if isQuick, let scopeRow,
                    let quick = PostgresQuickGroup(
                        operations, scope: scopeRow, run: done.group.run, now: options.now?())
                {
                    done.quick = quick
                    done.answers = try quick.perform(done.group, on: connection, json, until: deadline)
                } else {
                    try performStepwise(operations, scope, &done, connection)
                }
            } catch {
                if error.kind == .lost, done.isSent { unanswered = done }
                if error.state == PostgresQuickGroup.conflict { isQuick = false }
                throw error
            }
            return try keep(done, connection)
        }
    }

    /// One operation after the other, each as the one before has left the rows.
    private func performStepwise(
        _ operations: [LedgerOperation], _ scope: LedgerScope, _ done: inout Unanswered,
        _ connection: PostgresConnection
    ) throws(PostgresFailure) {
        let group = done.group
        try group.begin(on: connection, until: deadline)
        do throws(PostgresFailure) {
            var unit = PostgresUnit(
                store: self, connection: connection, scope: scope, run: group.run, deadline: deadline)
            var answers: [LedgerAnswer] = []
            for operation in operations { answers.append(try unit.perform(operation)) }
            (done.answers, done.scopeRow) = (answers, unit.scopeRow)
            try group.commit(on: connection, until: deadline)
        } catch {
            group.rollBack(on: connection, until: deadline)
            throw error
        }
    }

    /// A group that was sent to be committed, and what it answers if it is.
    private struct Unanswered {
        var group: PostgresGroup
        var operations: [LedgerOperation]
        var answers: [LedgerAnswer]?
        var scopeRow: Int64?
        /// Its answers come with its commit, or from the rows.
        var quick: PostgresQuickGroup?

        /// Whether it may be committed.
        var isSent: Bool { answers != nil || quick != nil }
    }

    private func keep(
        _ done: Unanswered, _ connection: PostgresConnection
    ) throws(PostgresFailure) -> [LedgerAnswer] {
        var answers = done.answers ?? []
        if done.answers == nil, let quick = done.quick {
            answers = try quick.recover(after: newestRow, on: connection, until: deadline)
        }
        scopeRow = done.scopeRow
        lastMark = done.group.id
        for case .claim(.granted(let row, _)) in answers { newestRow = max(newestRow, row) }
        return answers
    }

    /// Whether any of these operations can find something to change, while this store has no run.
    private func mayChange(_ operations: [LedgerOperation], _ scope: LedgerScope) throws(LedgerError) -> Bool {
        var concernsOthers = false
        for operation in operations {
            switch operation {
            case .claim, .claimEffect, .follow, .report: return true
            case .observe, .resolve, .dismiss, .resolveEffect, .lookedLate: concernsOthers = true
            case .sending, .finish, .finishEffect, .endRun: continue  // of its own run, which it does not have
            }
        }
        guard concernsOthers else { return false }
        if scopeRow != nil { return true }
        return try patiently { (connection) throws(PostgresFailure) in
            try connection.query(PostgresSQL.findScope, until: deadline) {
                $0.bind(scope.baseURL)
                $0.bind(scope.account)
            }.count > 0
        }
    }

    /// This run as others see it; a new one where they have taken it for dead.
    private func living() throws(PostgresFailure) -> PostgresLifeline {
        if let lifeline, !lifeline.isLost { return lifeline }
        lifeline?.end()
        lifeline = nil
        let made = try PostgresLifeline(address, library, run, options, until: deadline)
        lifeline = made
        return made
    }

    /// When the call that is under way gives up.
    private(set) var deadline = ContinuousClock.now

    /// Runs a body, again while others are in the way or the server is away, and there is time.
    func patiently<Value>(
        _ body: (PostgresConnection) throws(PostgresFailure) -> Value
    ) throws(LedgerError) -> Value {
        guard !isClosed else { throw LedgerError(.failed, "the ledger \(place) has been closed") }
        deadline = .now + options.patience
        var pause = Duration.milliseconds(5)
        while true {
            do throws(PostgresFailure) { return try body(try connected()) } catch {
                if connection?.isBroken == true { connection = nil }
                guard mayTryAgain(after: error), ContinuousClock.now + pause < deadline else {
                    throw LedgerError(error, place: place)
                }
                usleep(UInt32(pause / .microseconds(1)))
                pause = min(pause * 2, .milliseconds(500))
            }
        }
    }

    private func mayTryAgain(after failure: PostgresFailure) -> Bool {
        switch failure.kind {
        case .lost, .unreachable: return true
        case .unusable: return false
        case .server(let state):
            if state == PostgresQuickGroup.conflict { return true }
            // The server has become one that is only read: another one of the hosts may take its place.
            if state == "25006" {
                connection = nil
                return address.hosts.count > 1
            }
            if state == PostgresGroup.fenced {
                lifeline?.noteLoss()
                return true
            }
            return failure.isConflict
        }
    }

    private func connected() throws(PostgresFailure) -> PostgresConnection {
        if let connection { return connection }
        let made = try PostgresConnection.open(address, library, until: deadline)
        connection = made
        return made
    }
}

extension LedgerError {
    init(_ failure: PostgresFailure, place: String) {
        let code: Code =
            switch (failure.kind, failure.state) {
            // It may be there again in a moment: whoever can wait does.
            case (.lost, _), (.unreachable, _): .busy
            case (_, "40001"), (_, "40P01"), (_, "55P03"), (_, "53300"): .busy
            case (_, "53100"): .full
            case (_, "25006"), (_, "42501"): .readOnly
            default: .failed
            }
        self.init(code, "the ledger \(place): \(failure.message)")
    }
}
