// A PostgreSQL server for the tests of this process: a throw-away cluster in a temporary folder, on a socket of its own. With
// PAYLINK_TEST_POSTGRES another server is taken, on which the tests make databases of their own.

import Foundation
import Synchronization
import Testing

@testable import Ledger

final class PostgresServer: Sendable {
    /// Started by the first test that needs it, and stopped with the process.
    static let shared = Result { try PostgresServer() }

    private let folder: String?
    private let base: String
    private let count = Atomic<Int>(0)

    private init() throws {
        if let given = ProcessInfo.processInfo.environment["PAYLINK_TEST_POSTGRES"] {
            (folder, base) = (nil, given)
            return
        }
        var template = Array("/tmp/paylink-postgres-XXXXXX".utf8CString)
        let folder = String(cString: mkdtemp(&template))
        self.folder = folder
        base = "postgres://postgres@/DATABASE?host=\(folder)&port=5432"
        let programs = "/usr/lib/postgresql/15/bin"
        try #require(
            FileManager.default.fileExists(atPath: programs + "/initdb"),
            "postgresql-15 is missing: scripts/test installs it")
        // A server refuses to run as root.
        let user = geteuid() == 0 ? "runuser -u postgres -- " : ""
        try Self.shell(
            """
            if [ "$(id -u)" = 0 ]; then chown postgres '\(folder)'; fi
            \(user)\(programs)/initdb -D '\(folder)/data' -U postgres -A trust -E UTF8 --locale C.UTF-8 --no-sync
            \(user)\(programs)/pg_ctl -D '\(folder)/data' -l '\(folder)/log' -w -o \
            "-k '\(folder)' -c listen_addresses= -c fsync=off -c max_connections=300 -c client_connection_check_interval=1000" start
            # The server ends with the tests, however they end.
            (while kill -0 \(getpid()) 2>/dev/null; do sleep 1; done
            \(user)\(programs)/pg_ctl -D '\(folder)/data' -m immediate stop; rm -rf '\(folder)') >/dev/null 2>&1 </dev/null &
            """)
    }

    private static func shell(_ script: String) throws {
        // Foundation would wait for the end of what the script leaves behind, too.
        let status = system("set -e; exec >/dev/null 2>&1 </dev/null\n" + script)
        try #require(status == 0, "the PostgreSQL server could not be started")
    }

    /// The address of a database.
    func address(_ database: String) -> String { base.replacingOccurrences(of: "DATABASE", with: database) }

    /// Makes a database with a ledger in it.
    func makeLedger() throws -> String {
        let number = count.add(1, ordering: .relaxed).newValue
        let name = "ledger_\(getpid())_\(number)"
        try execute("CREATE DATABASE \(name)", in: "postgres")
        let made = address(name)
        try PostgresLedger.prepare(made)
        return made
    }

    func execute(_ statement: String, in database: String) throws {
        let connection = try connect(address(database))
        try connection.execute(statement, until: .now + .seconds(30))
    }

    func connect(_ address: String) throws -> PostgresConnection {
        let library = try PostgresLibrary.load()
        return try PostgresConnection.open(PostgresAddress(address, library), library, until: .now + .seconds(10))
    }
}
