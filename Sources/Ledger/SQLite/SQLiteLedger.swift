// The ledger in an SQLite file: opening, transactions, closing. What the operations do is in LedgerUnit, what
// they decide in ClaimRules and EffectRules, who is alive in RunLocks.

package import Advice
import Glibc
import JSON
import OneShotPay

/// A ledger in an SQLite file that many processes may share.
///
/// ```swift
/// let ledger = try SQLiteLedger(path: path, scope: scope, run: RunDescription(command: "batch orders.csv"))
/// defer { ledger.close() }
/// let answers = try ledger.perform([.claim(claim)])
/// ```
///
/// Every call may throw ``LedgerError``: `ledger_busy` when others held the file for longer than the options allow,
/// `ledger_full`, `ledger_read_only`, `ledger_corrupt`, `ledger_replaced`, `ledger_failed`. Opening may throw
/// `ledger_newer` besides.
package final class SQLiteLedger: LedgerStore, @unchecked Sendable {
    // Safe because: the port promises calls from one thread at a time, and all mutable state belongs to them.

    package struct Options: Sendable {
        /// How long a call waits for other processes before it throws `ledger_busy`.
        package var busyTimeout: Duration = .seconds(15)
        /// The size that the file may reach, in pages of 4,096 bytes; `nil`: what the disk holds.
        package var maximumPages: Int?
        /// Whether a ledger that is not there is made. Otherwise opening it fails.
        package var createsFile = true
        /// Pages in the write-ahead log before its content is moved into the file.
        package var checkpointPages = 4_000
        /// Unix seconds, for the columns that people read. Nothing is decided by them.
        package var now: @Sendable () -> Int64 = { Int64(time(nil)) }
        /// Tokens of effects.
        package var token: @Sendable () -> String = { EffectToken.random() }
        /// What messages call the means that they advise.
        package var words: AdviceWords

        package init(words: AdviceWords = .neutral) { self.words = words }
    }

    /// The ledger's file, absolute and without symbolic links.
    package var path: String { file.path }

    let file: LedgerFile
    let scope: LedgerScope?
    let options: Options
    let locks: RunLocks
    /// What is known of this store in the database: either row is made by the first write that needs it.
    var registration = Registration()
    let json = JSONWriter(capacity: 1_024)
    /// Whether the key that was claimed last was new: see `LedgerUnit.claim(_:)`.
    var isMakingNew = false

    let run: RunDescription
    let patience: Patience
    private var connection: LedgerConnection?
    /// Which files they are; compared with what their names lead to before every commit and after every reading.
    let identity: LedgerIdentity
    /// Whether the connection and the locks are another store's.
    private let isGuest: Bool

    struct Registration {
        var scope: Int64?
        var run: Int64?
    }

    /// Opens a ledger, and makes it, with its directory, where there is none.
    ///
    /// - Parameters:
    ///   - path: the file. Relative to the working directory, unless it begins with a slash.
    ///   - scope: whose rows the store claims. Without one it only reads, across scopes.
    ///   - run: what to record of this process with its first write.
    package init(
        path: String, scope: LedgerScope?, run: RunDescription, options: Options = Options()
    ) throws(LedgerError) {
        self.scope = scope
        self.run = run
        self.options = options
        isGuest = false
        patience = Patience(options.busyTimeout)
        file = try LedgerFile(path, creates: options.createsFile, words: options.words)
        locks = try RunLocks(path: file.locksPath, words: options.words)
        let (database, identity) = try LedgerOpening(
            file: file, locks: locks, options: options, patience: patience
        ).open()
        self.identity = identity
        connection = LedgerConnection(database)
    }

    /// A second store over an open one, whose files, connection and run it shares; the first outlives it.
    ///
    /// - Parameters:
    ///   - host: has a run already, which stays the host's to end.
    ///   - scope: whose rows this store claims.
    init(on host: SQLiteLedger, scope: LedgerScope) {
        file = host.file
        self.scope = scope
        run = host.run
        options = host.options
        isGuest = true
        patience = Patience(host.options.busyTimeout)
        locks = host.locks
        identity = host.identity
        connection = host.connection
        registration.run = host.registration.run
    }

    package func close() {
        defer { connection = nil }
        guard !isGuest else { return }
        connection?.close()
        // Last: whoever sees this run dead must see all that it has committed.
        locks.release()
    }

    // MARK: Transactions

    package func perform(_ operations: [LedgerOperation]) throws(LedgerError) -> [LedgerAnswer] {
        if operations.isEmpty { return [] }
        guard let scope else {
            throw LedgerError(.failed, "the ledger \(path) is open for reading only: no account was named")
        }
        // Everything is decided inside the transaction, so it can be made again from the start.
        return try patiently { connection in
            let before = registration
            return try connection.transaction {
                var unit = LedgerUnit(store: self, connection: connection, scope: scope)
                let answers = try operations.map { try unit.perform($0) }
                // Last, so that nobody is told to send what is about to be recorded where nobody looks.
                try identity.check()
                return answers
            } undo: {
                // The run's id goes to somebody else now, and the lock with it.
                if before.run == nil, let run = registration.run { locks.give(run) }
                registration = before
            }
        }
    }

    /// Reads as of one moment.
    func read<Value>(_ body: (LedgerConnection) throws -> Value) throws(LedgerError) -> Value {
        try patiently { connection in
            let value = try connection.snapshot { try body(connection) }
            try identity.check()
            return value
        }
    }

    /// Runs a body again while others are in the way and there is time.
    func patiently<Value>(_ body: (LedgerConnection) throws -> Value) throws(LedgerError) -> Value {
        guard let connection else { throw LedgerError(.failed, "the ledger \(path) has been closed") }
        patience.begin()
        while true {
            do { return try body(connection) } catch {
                if let error = error as? LedgerError { throw error }
                // What SQLite finds in files that were exchanged is no news.
                try identity.check()
                let failure = error as? SQLiteFailure ?? SQLiteFailure(damage: "\(error)")
                if failure.isBusy, patience.wait() { continue }
                throw LedgerError(failure, path: path, waited: options.busyTimeout, options.words)
            }
        }
    }
}
