// What only an administrator does with a server: making the schema.

extension PostgresLedger {
    /// Makes the ledger's schema in a database, or brings it up to date.
    ///
    /// - Throws: ``LedgerError``, as when the role may not make one.
    package static func prepare(_ address: String, patience: Duration = .seconds(15)) throws(LedgerError) {
        let deadline = ContinuousClock.now + patience
        do throws(PostgresFailure) {
            let library = try PostgresLibrary.load()
            let place = try PostgresAddress(address, library)
            try PostgresOpening.migrate(try PostgresConnection.open(place, library, until: deadline), until: deadline)
        } catch {
            throw LedgerError(error, place: "on PostgreSQL")
        }
    }
}
