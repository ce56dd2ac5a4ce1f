// The tests' PostgreSQL server, as the engine sees it.

import TestSupport
import Testing

@testable import Ledger

struct PostgresServer: Sendable {
    static var shared: Result<PostgresServer, any Error> {
        Result { PostgresServer(server: try DatabaseServer.shared.get()) }
    }

    private let server: DatabaseServer

    func address(_ database: String) -> String { server.address(database) }

    /// Makes a database with a ledger in it.
    func makeLedger() throws -> String {
        let made = address(try server.makeDatabase())
        try PostgresLedger.prepare(LedgerServer(address: made))
        return made
    }

    func execute(_ statement: String, in database: String) throws {
        let connection = try connect(address(database))
        try connection.execute(statement, until: .now + .seconds(30))
    }

    func connect(_ address: String) throws -> PostgresConnection {
        let library = try PostgresLibrary.load()
        return try PostgresConnection.open(
            PostgresAddress(LedgerServer(address: address), library), library, until: .now + .seconds(10))
    }
}
