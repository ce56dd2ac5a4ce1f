// What every connection tells the server first, and asks it. In statements, as a pool of connections passes no start-up options on.

/// What a server said of itself.
struct PostgresSession: Sendable {
    let version: String
    /// What would lose a commit that it has said is durable.
    let weaknesses: [String]
    /// The process that serves the session.
    let processID: Int32

    /// It notices a client that has gone, whatever it waits for then, holds no lock for one that is silent, waits for no lock for
    /// long, and each statement sees what is committed when it begins.
    private static let settings = [
        ("default_transaction_isolation", "read committed"), ("lock_timeout", "4000"),
        ("idle_in_transaction_session_timeout", "8000"), ("client_connection_check_interval", "1000"),
        ("tcp_keepalives_idle", "5"), ("tcp_keepalives_interval", "2"), ("tcp_keepalives_count", "3"),
        ("tcp_user_timeout", "10000"),
        // Every statement has its index, also where a table was small when its plan was made, or was never looked at; and is
        // planned once.
        ("enable_seqscan", "off"), ("jit", "off"), ("plan_cache_mode", "force_generic_plan"),
    ]

    /// A commit waits for the disk, and for the standby where one has a name, whatever the role or the database has as its custom.
    private static let begin = PostgresStatement(
        "begin session",
        """
        SELECT current_setting('fsync'), current_setting('full_page_writes'), pg_backend_pid(),
            set_config('synchronous_commit',
                CASE WHEN current_setting('synchronous_commit') IN ('off', 'local') THEN 'on'
                    ELSE current_setting('synchronous_commit') END, false),
            \(settings.map { "set_config('\($0)', '\($1)', false)" }.joined(separator: ", "))
        """)

    static func begin(
        on connection: PostgresConnection, until deadline: ContinuousClock.Instant
    ) throws(PostgresFailure) -> PostgresSession {
        let found = try connection.query(begin, until: deadline)
        var weaknesses: [String] = []
        for (column, name) in ["fsync", "full_page_writes"].enumerated() where found.text(0, column) == "off" {
            weaknesses.append(
                "the ledger's server has \(name) off: after a power failure what it has recorded may be gone, and a link be "
                    + "published twice; set \(name) = on")
        }
        return PostgresSession(
            version: connection.parameter("server_version") ?? "", weaknesses: weaknesses,
            processID: Int32(clamping: found.int64(0, 2)))
    }
}
