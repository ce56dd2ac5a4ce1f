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
    var lifeline: PostgresLifeline?
    /// The scope's row, once it is known to be committed.
    var scopeRow: Int64?
    /// The newest row that this store was granted.
    var newestRow: LinkRow = 0
    /// How many groups this store has committed.
    var commits: Int64 = 0
    /// The links that this run follows, where others follow some, too.
    var watch: PostgresWatch?
    /// Hears what others have recorded.
    private var ear: PostgresEar?
    /// The marker of the last group that was answered.
    var lastMark: String?
    /// The last group, where its answer was lost; its like is adopted, anything else finds it settled.
    var unanswered: Unanswered?
    /// What the server said of itself when it was connected to last.
    private(set) var session: PostgresSession?
    private var isClosed = false
    /// Whether its run is another store's.
    private let isGuest: Bool

    /// Opens a ledger whose schema is there.
    ///
    /// - Parameters:
    ///   - scope: whose rows the store claims. Without one it only reads, across scopes.
    package init(
        _ server: LedgerServer, scope: LedgerScope?, run: RunDescription, options: Options = Options()
    ) throws(LedgerError) {
        self.scope = scope
        self.run = run
        self.options = options
        isGuest = false
        do throws(PostgresFailure) {
            library = try PostgresLibrary.load()
            address = try PostgresAddress(server, library)
        } catch {
            throw LedgerError(.misconfigured, error.message)
        }
        do throws(LedgerError) {
            try patiently { (connection) throws(PostgresFailure) in
                try PostgresOpening.check(connection, options.words)
            }
        } catch {
            throw error.whenOpening
        }
    }

    /// A second store over one that has a run, which is its run, too; on a connection of its own.
    ///
    /// - Parameters:
    ///   - host: outlives it.
    ///   - scope: whose rows this store claims.
    init(on host: PostgresLedger, scope: LedgerScope) {
        library = host.library
        address = host.address
        self.scope = scope
        run = host.run
        options = host.options
        isGuest = true
        lifeline = host.lifeline
    }

    package func close() {
        isClosed = true
        connection = nil
        ear?.close()
        ear = nil
        // Last: whoever sees this run dead must see all that it has committed.
        if !isGuest { lifeline?.end() }
        lifeline = nil
    }

    /// As when the process is killed: nothing is recorded any more, and the server sees the sessions end.
    func abandon() { close() }

    var place: String { address.shown }

    // MARK: Trying

    /// This run as others see it; a new one where they have taken it for dead.
    func living() throws(PostgresFailure) -> PostgresLifeline {
        if let lifeline, !lifeline.isLost { return lifeline }
        guard !isGuest else {
            throw PostgresFailure(
                kind: .impossible,
                message:
                    "this run was out of touch with the server for too long, and counts as cut off: it records nothing more"
            )
        }
        lifeline?.end()
        lifeline = nil
        let made = try PostgresLifeline(address, library, run, options, until: deadline)
        do throws(PostgresFailure) { try made.refuseSharedSessions(with: try connected(), until: deadline) } catch {
            made.end()
            throw error
        }
        lifeline = made
        return made
    }

    package func listen(_ heard: @escaping @Sendable (LedgerNews) -> Void) {
        ear = PostgresEar(address, library, scope, heard)
    }

    /// The next change begins another run.
    /// - Returns: the one before, which is the caller's to end.
    func beginAnotherRun() -> PostgresLifeline? {
        defer { lifeline = nil }
        return lifeline
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
        case .unusable, .newer, .damaged, .impossible: return false
        case .server(let state):
            if state == PostgresQuickGroup.conflict { return true }
            // The server has become one that is only read: another one of the hosts may take its place.
            if state == "25006" {
                connection = nil
                return address.hosts.count > 1
            }
            if state == PostgresGroup.fenced {
                lifeline?.revive(until: deadline)
                return true
            }
            return failure.isConflict
        }
    }

    private func connected() throws(PostgresFailure) -> PostgresConnection {
        if let connection { return connection }
        let made = try PostgresConnection.open(address, library, until: deadline)
        session = made.session
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
            // A group that was to be made again, and the time was over: nothing of it is done.
            case (_, PostgresGroup.fenced), (_, PostgresQuickGroup.conflict): .busy
            case (_, "53100"): .full
            case (_, "25006"): .readOnly
            case (.unusable, _), (_, "42501"): .misconfigured
            case (.damaged, _): .corrupt
            case (.newer, _): .newer
            default: .failed
            }
        self.init(code, "the ledger \(place): \(failure.message)")
    }

    init(opening failure: PostgresFailure, place: String) {
        self = LedgerError(failure, place: place).whenOpening
    }

    /// Whoever begins knows at once that the server is away; whoever goes on waits for it to be there again.
    var whenOpening: LedgerError { code == .busy ? LedgerError(.failed, message) : self }
}
