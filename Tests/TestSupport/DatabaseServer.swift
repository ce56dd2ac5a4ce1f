// A PostgreSQL server for the tests of this process: a throw-away cluster in a temporary folder, on a socket of its own. With
// PAYLINK_TEST_POSTGRES another server is taken, on which the tests make databases of their own: an address with DATABASE
// where the database's name goes.

import Foundation
import Synchronization

package final class DatabaseServer: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    /// Started by the first test that needs it, and stopped with the process.
    package static let shared = Result { try DatabaseServer() }

    private let base: String
    private let count = Atomic<Int>(0)

    private init() throws {
        if let given = ProcessInfo.processInfo.environment["PAYLINK_TEST_POSTGRES"] {
            base = given
            return
        }
        var template = Array("/tmp/paylink-postgres-XXXXXX".utf8CString)
        let folder = String(cString: mkdtemp(&template))
        base = "postgres://postgres@/DATABASE?host=\(folder)&port=5432"
        let programs = "/usr/lib/postgresql/15/bin"
        guard FileManager.default.fileExists(atPath: programs + "/initdb") else {
            throw Failure(description: "postgresql-15 is missing: scripts/test installs it")
        }
        // A server refuses to run as root.
        let user = geteuid() == 0 ? "runuser -u postgres -- " : ""
        try Self.shell(
            """
            if [ "$(id -u)" = 0 ]; then chown postgres '\(folder)'; fi
            \(user)\(programs)/initdb -D '\(folder)/data' -U postgres -A trust -E UTF8 --locale C.UTF-8 --no-sync
            \(user)\(programs)/pg_ctl -D '\(folder)/data' -l '\(folder)/log' -w -o \
            "-k '\(folder)' -c listen_addresses= -c fsync=off -c max_connections=400 -c client_connection_check_interval=1000" start
            # The server ends with the tests, however they end.
            (while kill -0 \(getpid()) 2>/dev/null; do sleep 1; done
            \(user)\(programs)/pg_ctl -D '\(folder)/data' -m immediate stop; rm -rf '\(folder)') >/dev/null 2>&1 </dev/null &
            """)
    }

    private static func shell(_ script: String) throws {
        // Foundation would wait for the end of what the script leaves behind, too.
        guard system("set -e; exec >/dev/null 2>&1 </dev/null\n" + script) == 0 else {
            throw Failure(description: "the PostgreSQL server could not be started, or refused a statement")
        }
    }

    /// The address of a database.
    package func address(_ database: String) -> String { base.replacingOccurrences(of: "DATABASE", with: database) }

    /// Makes an empty database.
    /// - Returns: its name.
    package func makeDatabase(_ options: String = "") throws -> String {
        let name = "test_\(getpid())_\(count.add(1, ordering: .relaxed).newValue)"
        try execute("CREATE DATABASE \(name) \(options)", in: "postgres")
        return name
    }

    /// Runs statements with PostgreSQL's own client.
    package func execute(_ statements: String, in database: String) throws {
        let quoted = statements.replacingOccurrences(of: "'", with: "'\\''")
        try Self.shell("PGOPTIONS= psql -X -v ON_ERROR_STOP=1 -c '\(quoted)' '\(address(database))'")
    }

    /// What a query gives, one line a row.
    package func query(_ statement: String, in database: String) throws -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/psql")
        process.arguments = ["-X", "-A", "-t", "-c", statement, address(database)]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
