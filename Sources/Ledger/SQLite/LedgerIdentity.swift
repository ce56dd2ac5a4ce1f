// Whether the ledger's names still lead to the files that were opened.
//
// A file that is deleted or moved away stays usable for whoever has it open, and in WAL mode SQLite says nothing. Then
// this process would record its links where nobody will look, while others begin anew under the old name.

import Files

/// The files of an open ledger, told apart by device and inode.
struct LedgerIdentity: Sendable {
    private let path: String
    private var files: [(name: String, file: FileIdentity)] = []

    /// Notes the database before it is opened: whatever takes its name from here on is another one.
    init(databaseOf file: LedgerFile) throws(LedgerError) {
        path = file.path
        try note(path)
    }

    /// Notes what belongs to the database. SQLite keeps both files for as long as it is open.
    mutating func noteCompanions(locks: RunLocks) throws(LedgerError) {
        try note(path + "-wal")
        try note(path + "-shm")
        guard let file = locks.identity else { throw replaced(locks.path) }
        files.append((locks.path, file))
    }

    /// - Throws: `ledger_replaced` when a name leads elsewhere or nowhere by now.
    func check() throws(LedgerError) {
        for (name, file) in files where Self.file(name) != file { throw replaced(name) }
    }

    private mutating func note(_ name: String) throws(LedgerError) {
        guard let file = Self.file(name) else { throw replaced(name) }
        files.append((name, file))
    }

    private static func file(_ name: String) -> FileIdentity? {
        // A link in the place of a file counts as another one, even if it leads to the same: SQLite would keep the
        // log beside what it leads to.
        FileIdentity(name, followsLinks: false)
    }

    private func replaced(_ name: String) -> LedgerError {
        LedgerError(
            .replaced,
            "the ledger \(path) was moved, deleted or replaced while it was in use: \(name) is no longer the file that "
                + "was opened; nothing more is recorded or sent; end all that uses it, put all its files in place "
                + "(docs/ledger.md, \"Putting a backup in place\"), then run again")
    }
}
