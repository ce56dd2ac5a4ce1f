// A copy of a ledger while others write to it.

import Advice
import Files
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
        // SQLite fills an empty file and would make a missing one readable for others.
        let file: AtomicFile
        do throws(AtomicFile.Failure) { file = try AtomicFile(path: copy.path, replacing: .nothing) } catch {
            throw copy.failure(error, of: target, options.words)
        }
        let partial = LedgerFile.directory(of: copy.path) + "/" + file.temporaryName
        do throws(LedgerError) {
            try patiently { connection in
                try connection.access { try connection.prepare("VACUUM INTO ?").bind(partial).run() }
            }
        } catch {
            throw LedgerError(error.code, "cannot write the backup \(target): \(error.message)")
        }
        do throws(AtomicFile.Failure) { try file.commit() } catch {
            throw copy.failure(error, of: target, options.words)
        }
    }
}

extension LedgerFile {
    /// A place where there is no file yet, in a directory that there is.
    fileprivate init(newFileAt target: String, words: AdviceWords) throws(LedgerError) {
        var status = stat()
        if lstat(target, &status) == 0 { throw Self.exists(target) }
        try self.init(target, creates: true, words: words)
    }

    /// Why a new file at `target` could not be written.
    fileprivate func failure(
        _ failure: AtomicFile.Failure, of target: String, _ words: AdviceWords
    ) -> LedgerError {
        // Another may have appeared meanwhile.
        if failure.errno == EEXIST { return Self.exists(target) }
        let isDirectorys = failure.operation == .syncDirectory || failure.operation == .openDirectory
        return LedgerError(opening: isDirectorys ? Self.directory(of: path) : path, systemError: failure.errno, words)
    }

    private static func exists(_ target: String) -> LedgerError {
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
