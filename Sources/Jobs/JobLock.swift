// One run of a job at a time: a lock that the kernel takes back when its process is gone, however it went.
// Programs that a script starts do not inherit it: the descriptor is closed in them (O_CLOEXEC).

import Glibc

/// The lock of one job.
package final class JobLock {
    package struct Problem: Error, Sendable, Hashable {
        package var message: String
    }

    // From <fcntl.h>, where it hides behind a feature macro. The lock belongs to the open file, not to the process.
    private static let setLock: Int32 = 37

    package let path: String
    private var descriptor: Int32 = -1

    /// - Parameter ledger: the ledger's file; locks lie in a folder beside it.
    package init(job: String, besides ledger: String) throws(Problem) {
        let folder = Self.folder(beside: ledger)
        path = "\(folder)/\(job)\(Self.suffix)"
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw Self.problem("cannot create the folder \(folder) for the locks of jobs", errno)
        }
    }

    /// How the names of locks end.
    package static let suffix = ".lock"

    /// Where the locks lie.
    package static func folder(beside ledger: String) -> String {
        let slash = ledger.utf8.lastIndex(of: UInt8(ascii: "/"))
        return (slash.map { String(ledger[..<$0]) } ?? ".") + "/jobs"
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Takes the lock unless another process has it.
    package func take() throws(Problem) -> Bool {
        while true {
            let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard opened >= 0 else { throw Self.problem("cannot open the lock \(path)", errno) }
            var lock = flock()
            lock.l_type = Int16(F_WRLCK)
            lock.l_whence = Int16(SEEK_SET)
            let status = withUnsafeMutablePointer(to: &lock) {
                fcntl(opened, Self.setLock, UnsafeMutableRawPointer($0))
            }
            guard status == 0 else {
                let error = errno
                close(opened)
                if error == EAGAIN || error == EACCES { return false }
                throw Self.problem("cannot lock \(path)", error)
            }
            // Somebody may have removed the file: a lock on a name that is gone locks nobody out.
            var held = stat(), named = stat()
            if fstat(opened, &held) == 0, stat(path, &named) == 0, held.st_ino == named.st_ino,
                held.st_dev == named.st_dev
            {
                descriptor = opened
                return true
            }
            close(opened)
        }
    }

    /// Tries for as long as `limit`, a few times a second.
    package func take(within limit: Duration) throws(Problem) -> Bool {
        let end = ContinuousClock.now + limit
        while try !take() {
            guard ContinuousClock.now < end else { return false }
            usleep(100_000)
        }
        return true
    }

    private static func problem(_ what: String, _ error: Int32) -> Problem {
        Problem(
            message:
                "\(what): \(String(cString: strerror(error))); make the folder writable, or give another place for the "
                + "ledger with --ledger or PAYLINK_LEDGER")
    }
}
