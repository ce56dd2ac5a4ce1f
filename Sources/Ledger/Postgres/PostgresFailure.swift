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
        /// This program cannot talk to a server: no library, a setting that cannot be.
        case unusable
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
