// A copy of a ledger while others write to it.

import Advice
import Glibc

extension SQLiteLedger {
    /// Writes a whole and consistent copy of the ledger, as of one moment, into a new file of mode 0600.
    ///
    /// Others go on writing meanwhile. The copy appears under its name only when it is complete and on the disk. It
    /// knows no living run: what was under way when it was made is in doubt in it.
    ///
    /// - Throws: ``LedgerError``; a file that exists is never overwritten.
    package func backup(to target: String) throws(LedgerError) {
        let copy = try LedgerFile(newFileAt: target, words: options.words)
        let partial = "\(copy.path).\(getpid()).partial"
        // SQLite fills an empty file and would make a missing one readable for others.
        let descriptor = open(partial, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LedgerError(opening: partial, systemError: errno, options.words) }
        defer {
            Glibc.close(descriptor)
            unlink(partial)
        }
        do throws(LedgerError) {
            try patiently { connection in
                try connection.access { try connection.prepare("VACUUM INTO ?").bind(partial).run() }
            }
        } catch {
            throw LedgerError(error.code, "cannot write the backup \(target): \(error.message)")
        }
        guard fsync(descriptor) == 0 else { throw LedgerError(opening: partial, systemError: errno, options.words) }
        // link() refuses a name that exists, so that a file which appeared meanwhile is safe as well.
        guard link(partial, copy.path) == 0 else {
            if errno == EEXIST { throw LedgerFile.exists(target) }
            throw LedgerError(opening: copy.path, systemError: errno, options.words)
        }
        try copy.sync(LedgerFile.directory(of: copy.path))
    }
}

extension LedgerFile {
    /// A place where there is no file yet, in a directory that there is.
    fileprivate init(newFileAt target: String, words: AdviceWords) throws(LedgerError) {
        var status = stat()
        if lstat(target, &status) == 0 { throw Self.exists(target) }
        try self.init(target, creates: true, words: words)
    }

    fileprivate static func exists(_ target: String) -> LedgerError {
        LedgerError(.failed, "\(target) exists already; a backup never overwrites a file: name a new one")
    }
}

extension SQLiteLedger {
    /// The files of a ledger at `path`, there or not, with every symbolic link resolved as far as the path exists.
    /// Nothing else in the process may open or replace them.
    package static func files(of path: String) -> [String] {
        if let file = try? LedgerFile(path, creates: false, words: .neutral) { return LedgerFile.all(file.path) }
        // Not made yet: its folder may be there already.
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard let real = realpath(folder, nil) else { return LedgerFile.all(path) }
        defer { free(real) }
        return LedgerFile.all(String(cString: real) + "/" + path[(slash.map(path.index(after:)) ?? path.startIndex)...])
    }
}
