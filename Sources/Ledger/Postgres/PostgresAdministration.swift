// What an administrator does with a server, and wants to know of it: making the schema, and what is weak about it.

package import Advice

extension PostgresLedger {
    /// Makes the ledger's schema in a database, or brings it up to date.
    ///
    /// - Returns: which database it is, and whether anything was made.
    /// - Throws: ``LedgerError``, as when the role may not make one.
    @discardableResult
    package static func prepare(
        _ server: LedgerServer, words: AdviceWords = .neutral, patience: Duration = .seconds(15)
    ) throws(LedgerError) -> (place: String, isNew: Bool) {
        let deadline = ContinuousClock.now + patience
        let library: PostgresLibrary, address: PostgresAddress
        do throws(PostgresFailure) {
            library = try PostgresLibrary.load()
            address = try PostgresAddress(server, library)
        } catch {
            throw LedgerError(.misconfigured, error.message)
        }
        do throws(PostgresFailure) {
            let connection = try PostgresConnection.open(address, library, until: deadline)
            let isNew = try PostgresOpening.migrate(connection, until: deadline)
            try PostgresOpening.check(connection, words)
            return (address.shown, isNew)
        } catch {
            throw LedgerError(opening: error, place: address.shown)
        }
    }

    /// What a doctor says of the server.
    package var standing: String { "\(place), PostgreSQL \(session?.version ?? "")" }

    /// What would lose a commit that it has said is durable.
    package var weaknesses: [String] { session?.weaknesses ?? [] }
}
