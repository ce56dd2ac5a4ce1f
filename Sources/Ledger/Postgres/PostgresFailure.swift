// What goes wrong between us and a PostgreSQL server.

/// A failure of a connection, or an error of the server.
struct PostgresFailure: Error, CustomStringConvertible {
    enum Kind: Hashable {
        /// The server answered with an error; everything since the last commit is rolled back. With its SQLSTATE.
        case server(state: String)
        /// The connection broke, or gave no answer in time. Whatever was sent last may have been done, or not.
        case lost
        /// No connection came about: nothing was sent.
        case unreachable
        /// This server cannot be used as it is given: no library, a setting that cannot be, a refusal.
        case unusable
        /// A newer program made the ledger.
        case newer
        /// What is recorded cannot be read.
        case damaged
        /// What was asked for cannot be done.
        case impossible
    }

    var kind: Kind
    /// For people, and without a secret: libpq's own words about connection strings may show parts of the password.
    var message: String

    var description: String { message }

    var state: String? { if case .server(let state) = kind { state } else { nil } }

    /// The same transaction may well succeed: it met another one.
    var isConflict: Bool { ["40001", "40P01", "55P03"].contains(state) }

    static func lost(_ message: String) -> PostgresFailure { PostgresFailure(kind: .lost, message: message) }
}
