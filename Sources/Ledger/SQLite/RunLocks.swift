// Who is alive: every run that writes holds a lock on one byte of a file beside the ledger.
//
// The byte whose offset is the run's id is locked for as long as the run lives. The kernel gives it back the moment
// the process is gone, however it went, so nobody waits for a lease to run out and no clock is compared with another.
// Byte 0 is held while a ledger is being opened, so that only one process at a time creates or migrates it.

import Advice
import Files

/// A file of locks, one byte a run. Never written to.
final class RunLocks: Sendable {
    private let lock: FileLock

    var path: String { lock.path }
    /// Which file is open, whatever its name leads to by now.
    var identity: FileIdentity? { lock.identity }

    /// Opens the file, creating it with mode 0600.
    init(path: String, words: AdviceWords = .neutral) throws(LedgerError) {
        do throws(SystemError) { lock = try FileLock(path) } catch {
            throw LedgerError(opening: path, systemError: error.number, words)
        }
    }

    /// Takes a byte unless somebody else has it.
    func take(_ byte: Int64) throws(LedgerError) -> Bool {
        do throws(SystemError) { return try lock.take(.byte(byte)) } catch {
            throw LedgerError(
                .failed, "cannot lock \(path): \(error); the ledger must lie on a file system with POSIX file locks")
        }
    }

    /// Gives a byte back.
    func give(_ byte: Int64) { lock.give(.byte(byte)) }

    /// Whether somebody else has a byte. A doubt counts as yes: it makes a claim wait, the other answer repeats it.
    func isTaken(_ byte: Int64) -> Bool { (try? lock.isTaken(.byte(byte))) ?? true }

    /// Gives everything back.
    func release() { lock.release() }
}
