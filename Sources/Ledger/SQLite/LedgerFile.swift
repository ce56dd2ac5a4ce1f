// Where a ledger lies: finds the real file behind a path and makes its directory and itself, for its owner only.
// What is inside is LedgerOpening's business.

package import Advice
import Files
import Glibc

/// The files of one ledger.
struct LedgerFile: Sendable {
    /// Absolute, without symbolic links: SQLite keeps its -wal and -shm beside the real file, and so must the locks.
    let path: String
    private let words: AdviceWords

    var locksPath: String { path + ".runs" }

    /// All files that a ledger may consist of.
    static func all(_ path: String) -> [String] {
        [path, path + "-wal", path + "-shm", path + "-journal", path + ".runs"]
    }

    /// Finds the ledger, and makes its directory if `creates`.
    init(_ given: String, creates: Bool, words: AdviceWords) throws(LedgerError) {
        self.words = words
        guard !given.isEmpty, !given.utf8.contains(0) else {
            throw LedgerError(.failed, "the ledger's path is empty; \(words(.ledger(.any)))")
        }
        let absolute = given.hasPrefix("/") ? given : Self.workingDirectory() + "/" + given
        guard let mode = Self.mode(absolute) else {
            path = try Self.place(absolute, creates: creates, error: errno, words)
            return
        }
        guard mode & S_IFMT != S_IFDIR else {
            throw LedgerError(
                .failed, "the ledger \(given) is a directory; name a file in it, such as \(given)/ledger.db")
        }
        guard mode & S_IFMT == S_IFREG else {
            throw LedgerError(.failed, "the ledger \(given) is no regular file; name another one")
        }
        guard let real = Self.realPath(absolute) else { throw LedgerError(opening: given, systemError: errno, words) }
        path = real
    }

    /// Makes the file if it is not there. Only while byte 0 of the locks is held.
    ///
    /// Nobody but SQLite may open a ledger that exists: closing it here would take SQLite's own locks from every
    /// connection of this process. A file that was just made (O_EXCL) has none yet.
    func create() throws(LedgerError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            guard errno == EEXIST else { throw LedgerError(opening: path, systemError: errno, words) }
            return try checkSize()
        }
        close(descriptor)
    }

    /// Refuses what is too short for a database: SQLite would take some of it for an empty file and write over it.
    private func checkSize() throws(LedgerError) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_size > 0, status.st_size < 512 else { return }
        throw LedgerError(SQLiteFailure(notADatabase: "file is too short"), path: path, waited: .zero, words)
    }

    /// Makes the names of a new ledger and of its directories outlive a power failure.
    func syncDirectories() throws(LedgerError) {
        var directory = Self.directory(of: path)
        try sync(directory)
        // Directories further up are mostly old, and may be closed to us.
        while directory != "/" {
            directory = Self.directory(of: directory)
            try? sync(directory)
        }
    }

    func sync(_ directory: String) throws(LedgerError) {
        do throws(SystemError) { try Folder.sync(directory) } catch {
            throw LedgerError(opening: directory, systemError: error.number, words)
        }
    }

    // MARK: A file that is not there

    private static func place(_ path: String, creates: Bool, error: Int32, _ words: AdviceWords) throws(LedgerError)
        -> String
    {
        guard error == ENOENT else { throw LedgerError(opening: path, systemError: error, words) }
        var status = stat()
        // Another process may just have made the file.
        if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK {
            throw LedgerError(.failed, "the ledger \(path) is a symbolic link to a file that is not there; remove it")
        }
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? ""
        guard !["", ".", ".."].contains(name) else {
            throw LedgerError(.failed, "the ledger \(path) names a directory; name a file in it, such as ledger.db")
        }
        guard creates else {
            throw LedgerError(.failed, "there is no ledger at \(path); \(words(.ledger(.existing)))")
        }
        let directory = directory(of: path)
        try makeDirectory(directory, for: path, words)
        guard let real = realPath(directory) else { throw LedgerError(opening: path, systemError: errno, words) }
        return real == "/" ? "/" + name : real + "/" + name
    }

    private static func makeDirectory(_ directory: String, for path: String, _ words: AdviceWords) throws(LedgerError) {
        if mode(directory) != nil { return }
        if directory != "/" { try makeDirectory(Self.directory(of: directory), for: path, words) }
        do throws(SystemError) { try Folder.make(directory) } catch {
            let code: LedgerError.Code =
                switch error.number {
                case EACCES, EPERM, EROFS: .readOnly
                case ENOSPC, EDQUOT: .full
                default: .failed
                }
            throw LedgerError(
                code,
                "cannot create the directory \(directory) for the ledger \(path): \(error); "
                    + "create it, or \(words(.ledger(.another)))")
        }
    }

    // MARK: Paths

    static func directory(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func mode(_ path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode : nil
    }

    private static func realPath(_ path: String) -> String? {
        guard let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }

    private static func workingDirectory() -> String {
        guard let text = getcwd(nil, 0) else { return "." }
        defer { free(text) }
        return String(cString: text)
    }
}

extension SQLiteLedger {
    /// Where the ledger lies unless told otherwise: `$XDG_STATE_HOME/paylink/ledger.db`, or
    /// `$HOME/.local/state/paylink/ledger.db`.
    ///
    /// - Throws: ``LedgerError`` (`ledger_failed`) when neither variable is set.
    package static func defaultPath(
        environment: [String: String], words: AdviceWords = .neutral
    ) throws(LedgerError) -> String {
        // A relative path in XDG_STATE_HOME counts as none, as the XDG base directory specification says.
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state + "/paylink/ledger.db" }
        if let home = environment["HOME"], !home.isEmpty { return home + "/.local/state/paylink/ledger.db" }
        throw LedgerError(
            .failed,
            "no place for the ledger: neither XDG_STATE_HOME nor HOME is set; \(words(.ledger(.any)))"
        )
    }
}
