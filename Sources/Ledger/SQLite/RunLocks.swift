// Who is alive: every run that writes holds a lock on one byte of a file beside the ledger.
//
// The byte whose offset is the run's id is locked for as long as the run lives. The kernel gives it back the moment
// the process is gone, however it went, so nobody waits for a lease to run out and no clock is compared with another.
// The locks belong to the open file description (F_OFD_SETLK), not to the process: two stores of one process see each
// other, and closing one of them frees nothing of the other's, as it would with the older fcntl locks.
// Byte 0 is held while a ledger is being opened, so that only one process at a time creates or migrates it.

import Advice
import Glibc
import Synchronization

/// A file of locks, one byte a run. Never written to.
final class RunLocks: Sendable {
    // From <fcntl.h>, where they hide behind a feature macro.
    private static let getLock: Int32 = 36
    private static let setLock: Int32 = 37

    let path: String
    /// Below zero once closed.
    private let descriptor: Mutex<Int32>

    /// Opens the file, creating it with mode 0600.
    init(path: String, words: AdviceWords = .neutral) throws(LedgerError) {
        self.path = path
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard opened >= 0 else { throw LedgerError(opening: path, systemError: errno, words) }
        descriptor = Mutex(opened)
    }

    deinit { release() }

    /// Which file is open, whatever its name leads to by now.
    var status: stat? {
        var status = stat()
        return descriptor.withLock { fstat($0, &status) } == 0 ? status : nil
    }

    /// Takes a byte unless somebody else has it.
    func take(_ byte: Int64) throws(LedgerError) -> Bool {
        if control(Self.setLock, F_WRLCK, byte) != nil { return true }
        let error = errno
        if error == EAGAIN || error == EACCES { return false }
        throw LedgerError(
            .failed,
            "cannot lock \(path): \(SystemText.of(error)); the ledger must lie on a file system with POSIX file locks")
    }

    /// Gives a byte back.
    func give(_ byte: Int64) { _ = control(Self.setLock, F_UNLCK, byte) }

    /// Whether somebody else has a byte. A doubt counts as yes: it makes a claim wait, the other answer repeats it.
    func isTaken(_ byte: Int64) -> Bool {
        guard let lock = control(Self.getLock, F_WRLCK, byte) else { return true }
        return lock.l_type != Int16(F_UNLCK)
    }

    /// Gives everything back.
    func release() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { close(descriptor) }
            descriptor = -1
        }
    }

    private func control(_ command: Int32, _ type: Int32, _ byte: Int64) -> flock? {
        var lock = flock()
        lock.l_type = Int16(type)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = off_t(byte)
        lock.l_len = 1
        let status = descriptor.withLock { descriptor in
            withUnsafeMutablePointer(to: &lock) { fcntl(descriptor, command, UnsafeMutableRawPointer($0)) }
        }
        return status == 0 ? lock : nil
    }
}
