// Every change of the file's schema there is, in order. One that was released never changes: a new one follows it.

/// One change of the schema, made once in each file.
struct LedgerMigration: Sendable {
    /// By which a file tells that it has it.
    let identifier: String
    let statements: String

    init(_ identifier: String, _ statements: String) {
        self.identifier = identifier
        self.statements = statements
    }

    static let all: [LedgerMigration] = [
        .migration0001, .migration0002, .migration0003, .migration0004, .migration0005, .migration0006, .migration0007,
        .migration0008, .migration0009, .migration0010, .migration0011, .migration0012,
    ]

    /// How a file stands to the migrations that this version knows.
    enum Standing {
        case complete, incomplete
        /// It has one that this version does not know.
        case newer
    }

    static func standing(of database: SQLiteDatabase) throws(SQLiteFailure) -> Standing {
        let applied = try applied(to: database), known = Set(all.map(\.identifier))
        return !applied.isSubset(of: known) ? .newer : applied == known ? .complete : .incomplete
    }

    /// Makes what a file has not, each whole or not at all.
    static func migrate(_ database: SQLiteDatabase, upTo last: String? = nil) throws(SQLiteFailure) {
        try database.execute("CREATE TABLE IF NOT EXISTS grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
        let applied = try applied(to: database)
        for migration in all {
            if !applied.contains(migration.identifier) {
                try database.transaction { () throws(SQLiteFailure) in
                    try database.execute(migration.statements)
                    try PreparedStatement("INSERT INTO grdb_migrations VALUES (?)", on: database)
                        .bind(migration.identifier).run()
                }
            }
            if migration.identifier == last { return }
        }
    }

    /// The table's name is that of the library which made it in earlier versions.
    private static func applied(to database: SQLiteDatabase) throws(SQLiteFailure) -> Set<String> {
        guard
            try database.number("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'grdb_migrations'")
                == 1
        else { return [] }
        let read = try PreparedStatement("SELECT identifier FROM grdb_migrations", on: database)
        var identifiers: Set<String> = []
        while try read.step() { identifiers.insert(read.text(0)) }
        return identifiers
    }
}
