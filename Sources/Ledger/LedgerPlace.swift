// Where a ledger is, and how the engine that keeps it there is opened.

package import Advice

/// Where links, effects and jobs are recorded.
package enum LedgerPlace: Sendable, Hashable {
    /// In this process, and forgotten with it.
    case memory
    /// An SQLite file.
    case file(String)
    /// A PostgreSQL server's database.
    case server(LedgerServer)

    /// Whether a ledger's name is a server's address.
    package static func isServer(_ name: String) -> Bool { PostgresAddress.isOne(name) }

    /// The files that a server's address names: keys, and where passwords are.
    package static func files(ofServer name: String) -> [String] { PostgresAddress.files(of: name) }

    /// Whether a name looks like the address of some other kind of server: no file is called so.
    package static func isForeign(_ name: String) -> Bool {
        guard !isServer(name), let scheme = name.firstRange(of: "://") else { return false }
        return name[..<scheme.lowerBound].allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "+") }
    }

    /// Opens a ledger.
    ///
    /// - Parameters:
    ///   - scope: whose rows the store claims. Without one it only reads, across scopes.
    ///   - run: what to record of this process with its first write.
    ///   - creates: whether a file that is not there is made. A server's schema never is.
    package func open(
        scope: LedgerScope?, run: RunDescription, creates: Bool = true, words: AdviceWords
    ) throws(LedgerError) -> any LedgerStore {
        switch self {
        case .memory:
            guard let scope else { throw LedgerError(.failed, "a ledger in memory has nothing in it to be read") }
            return MemoryLedger(scope: scope)
        case .file(let path):
            var options = SQLiteLedger.Options(words: words)
            options.createsFile = creates
            return try SQLiteLedger(path: path, scope: scope, run: run, options: options)
        case .server(let server):
            return try PostgresLedger(
                server, scope: scope, run: run, options: PostgresLedger.Options(words: words))
        }
    }

    /// Opens the record of jobs.
    ///
    /// - Parameters:
    ///   - command: what is recorded of this process, such as `run --job daily report.lua`.
    ///   - now: Unix seconds, by which runs in a file begin and end. A server has a clock for all of its hosts.
    package func openJobs(
        command: String, creates: Bool = true, words: AdviceWords, now: (@Sendable () -> Int64)? = nil
    ) throws(LedgerError) -> any JobBook {
        switch self {
        case .memory: throw LedgerError(.failed, "a ledger in memory keeps no record of jobs")
        case .file(let path):
            var options = SQLiteLedger.Options(words: words)
            options.createsFile = creates
            return try SQLiteJobBook(path: path, command: command, options: options, now: now)
        case .server(let server):
            return try PostgresJobBook(
                server, command: command, options: PostgresLedger.Options(words: words))
        }
    }
}

/// A PostgreSQL server's database, and the password of the role that it is used by.
package struct LedgerServer: Sendable, Hashable {
    /// `postgres://user@host:5432/database?parameters`, without a password.
    package var address: String
    var password: String?

    package init(address: String, password: String? = nil) {
        self.address = address
        self.password = password
    }
}

extension LedgerServer: CustomStringConvertible, CustomReflectable {
    package var description: String { address }
    /// What is dumped has no password in it.
    package var customMirror: Mirror { Mirror(self, children: ["address": address]) }
}
