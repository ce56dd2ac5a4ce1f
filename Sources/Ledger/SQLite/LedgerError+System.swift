// What users are told when the system or SQLite refuses: which file, why, and what to do.

import Advice
import CSQLite
import Glibc

/// The system's words for its error numbers.
enum SystemText {
    static func of(_ error: Int32) -> String { String(cString: strerror(error)) }
}

extension LedgerError {
    /// A file of the ledger, or the directory for it, could not be opened or created.
    init(opening path: String, systemError error: Int32, _ words: AdviceWords) {
        let elsewhere = words(.ledger(.another))
        let what = "cannot open the ledger's file \(path): \(SystemText.of(error))"
        switch error {
        case EACCES, EPERM: self.init(.readOnly, "\(what); make it and its directory writable, or \(elsewhere)")
        case EROFS: self.init(.readOnly, "\(what); \(elsewhere)")
        case ENOSPC, EDQUOT: self.init(.full, "\(what); free some space, then run again")
        case EMFILE, ENFILE: self.init(.failed, "\(what); raise the limit on open files (ulimit -n)")
        default: self.init(.failed, "\(what); \(elsewhere)")
        }
    }

    /// SQLite failed on the ledger at `path`.
    init(_ failure: SQLiteFailure, path: String, waited: Duration, _ words: AdviceWords) {
        let elsewhere = words(.ledger(.another))
        let what = "the ledger \(path): SQLite says: \(failure.message)"
        switch failure.primaryCode {
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL:
            self.init(
                .busy,
                "another process has held the ledger \(path) for more than \(waited.components.seconds) s: "
                    + "\(failure.message); end what holds it (such as an open sqlite3 shell), then run again")
        case SQLITE_FULL: self.init(.full, "\(what); free some space, then run again: nothing is lost")
        case SQLITE_IOERR where failure.isOutOfSpace(at: path):
            self.init(.full, "\(what) (no space left); free some space, then run again: nothing is lost")
        case SQLITE_READONLY, SQLITE_PERM:
            self.init(.readOnly, "\(what); make the file and its directory writable, or \(elsewhere)")
        case SQLITE_CANTOPEN where [EACCES, EPERM, EROFS].contains(failure.systemError):
            self.init(.readOnly, "\(what); make the file and its directory writable, or \(elsewhere)")
        case SQLITE_NOTADB:
            self.init(
                .corrupt,
                "\(path) is no ledger of paylink (\(failure.message)); it was left as it is: \(elsewhere)")
        case SQLITE_CORRUPT:
            self.init(
                .corrupt,
                "the ledger \(path) is damaged: \(failure.message); keep the file, put a backup in its place, or save "
                    + "what can be read with: sqlite3 '\(path)' .recover")
        default:
            let isSystems = [SQLITE_IOERR, SQLITE_CANTOPEN].contains(failure.primaryCode) && failure.systemError != 0
            let system = isSystems ? " (\(SystemText.of(failure.systemError)))" : ""
            self.init(.failed, "\(what)\(system), code \(failure.code); check the disk, or \(elsewhere)")
        }
    }
}

extension SQLiteFailure {
    /// Whether a failed write was one for want of space: SQLite reports some of them as I/O errors.
    fileprivate func isOutOfSpace(at path: String) -> Bool {
        if [ENOSPC, EDQUOT, EFBIG].contains(systemError) { return true }
        guard [Self.write, Self.growSharedMemory, Self.truncate].contains(code) else { return false }
        var space = statvfs()
        return statvfs(path, &space) == 0 && space.f_bavail == 0
    }

    // Extended codes of <sqlite3.h>, whose macros are no plain constants.
    private static let write = SQLITE_IOERR | (3 << 8)
    private static let truncate = SQLITE_IOERR | (6 << 8)
    private static let growSharedMemory = SQLITE_IOERR | (19 << 8)
}
