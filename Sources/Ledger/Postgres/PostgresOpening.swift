// Making the schema, bringing it up to date, and telling whether it is there.

import Advice

enum PostgresOpening {
    private static let version = PostgresStatement(
        "version",
        """
        SELECT (SELECT description FROM pg_description WHERE objoid = n.oid AND classoid = 'pg_namespace'::regclass)
        FROM pg_namespace n WHERE nspname = 'paylink'
        """)

    /// Makes sure that the server is one that the ledger can be on.
    static func checkServer(_ connection: PostgresConnection) throws(PostgresFailure) {
        guard connection.serverVersion >= 150_000 else {
            throw PostgresFailure(
                kind: .unusable,
                message:
                    "\(connection.place): the server is PostgreSQL \(connection.serverVersion / 10_000); 15 is needed, or later"
            )
        }
        guard connection.parameter("server_encoding") == "UTF8" else {
            throw PostgresFailure(
                kind: .unusable,
                message:
                    "\(connection.place): the database's encoding is \(connection.parameter("server_encoding") ?? "unknown"); "
                    + "make one with ENCODING 'UTF8' (TEMPLATE template0)")
        }
    }

    /// Makes sure that the schema is there, and of this version.
    static func check(_ connection: PostgresConnection, _ words: AdviceWords) throws(PostgresFailure) {
        let present = try found(connection), needed = PostgresSchema.versions.count
        guard present != needed else { return }
        let advice = words(.ledger(.prepared))
        if let present, present > needed {
            throw PostgresFailure(
                kind: .newer, message: "\(connection.place): the ledger was made by a newer paylink; update this one")
        }
        let problem =
            present == nil ? "there is no ledger in this database" : "the ledger is of an older paylink"
        throw PostgresFailure(kind: .unusable, message: "\(connection.place): \(problem): \(advice)")
    }

    /// The schema's version; `nil` where there is none.
    private static func found(_ connection: PostgresConnection) throws(PostgresFailure) -> Int? {
        var batch = PostgresBatch()
        batch.add(version)
        let result = try connection.run(batch, until: .now + .seconds(10))[0]
        guard result.count > 0 else { return nil }
        let words = (result.optionalText(0, 0) ?? "").split(separator: " ")
        guard words.dropLast().joined(separator: " ") == PostgresSchema.mark,
            let version = words.last.flatMap({ Int($0) })
        else {
            throw PostgresFailure(
                kind: .unusable, message: "\(connection.place): the database has a schema paylink that is none of ours")
        }
        return version
    }

    /// Makes the schema, or brings it up to date. One process at a time does.
    /// - Returns: whether anything was made.
    static func migrate(
        _ connection: PostgresConnection, until deadline: ContinuousClock.Instant
    ) throws(PostgresFailure) -> Bool {
        try connection.execute(
            "SELECT pg_advisory_lock(\(PostgresSchema.migrationLock))", until: deadline)
        defer {
            try? connection.execute(
                "SELECT pg_advisory_unlock(\(PostgresSchema.migrationLock))",
                until: deadline)
        }
        let present = try found(connection) ?? 0
        guard present < PostgresSchema.versions.count else { return false }
        for (index, text) in PostgresSchema.versions.enumerated().dropFirst(present) {
            var statements = index == 0 ? ["CREATE SCHEMA paylink"] : []
            statements += PostgresSchema.statements(text)
            statements.append("COMMENT ON SCHEMA paylink IS '\(PostgresSchema.mark) \(index + 1)'")
            try connection.execute(statements, until: deadline)
        }
        return true
    }
}

extension PostgresSchema {
    /// The statements of a version: they end with a semicolon at the end of a line that is indented no further.
    static func statements(_ text: String) -> [String] {
        var statements: [String] = []
        var lines: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
            if lines.isEmpty, line.hasPrefix("--") { continue }
            lines.append(line)
            guard line.hasSuffix(";"), !line.hasPrefix("    ") else { continue }
            statements.append(lines.joined(separator: "\n"))
            lines = []
        }
        return statements
    }
}

extension PostgresConnection {
    func execute(_ text: String, until deadline: ContinuousClock.Instant) throws(PostgresFailure) {
        try execute([text], until: deadline)
    }

    /// Runs statements that are needed once, together or not at all.
    func execute(_ texts: [String], until deadline: ContinuousClock.Instant) throws(PostgresFailure) {
        var batch = PostgresBatch()
        for text in texts { batch.add(PostgresStatement("", text)) }
        let prepared = preparesStatements
        preparesStatements = false
        defer { preparesStatements = prepared }
        _ = try run(batch, until: deadline)
    }
}
