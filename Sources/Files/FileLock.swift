// Locks that the kernel takes back when their process is gone, however it went: nobody waits for a lease to run out,
// and no clock is compared with another.
//
// They belong to the open file (F_OFD_SETLK), not to the process: two locks of one process see each other, and closing
// one frees nothing of the other's, as it would with the older locks of fcntl. Programs that this process starts do
// not inherit them (O_CLOEXEC).

import Glibc
import Synchronization

/// A file that is there to be locked, as a whole or byte by byte. It is never written to.
///
/// ```swift
/// let lock = try FileLock("jobs/daily.lock")
/// guard try lock.take(), lock.hasItsName else { … }
/// ```
package final class FileLock: Sendable {
    /// What of a file is locked. Bytes need not be there.
    package enum Part: Sendable, Hashable {
        case whole
        case byte(Int64)
    }

    // From <fcntl.h>, where they hide behind a feature macro.
    private static let getLock: Int32 = 36
    private static let setLock: Int32 = 37

    package let path: String
    /// Below zero once released.
    private let descriptor: Mutex<Int32>

    /// Opens the file, or makes it with mode 0600. A symbolic link is refused.
    package init(_ path: String) throws(SystemError) {
        self.path = path
        descriptor = Mutex(
            try SystemCall.repeated { open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600) })
    }

    deinit { release() }

    /// Takes a part unless somebody else has some of it. Does not wait.
    package func take(_ part: Part = .whole) throws(SystemError) -> Bool {
        try descriptor.withLock { (descriptor) throws(SystemError) in try Self.take(part, of: descriptor) }
    }

    /// The same for a file that is open for writing; the lock goes when that is closed.
    package static func take(_ part: Part = .whole, of descriptor: Int32) throws(SystemError) -> Bool {
        do throws(SystemError) { _ = try control(descriptor, setLock, F_WRLCK, part) } catch {
            if error.number == EAGAIN || error.number == EACCES { return false }
            throw error
        }
        return true
    }

    /// Gives a part back.
    package func give(_ part: Part = .whole) {
        _ = descriptor.withLock { try? Self.control($0, Self.setLock, F_UNLCK, part) }
    }

    /// Whether somebody else has some of a part.
    package func isTaken(_ part: Part = .whole) throws(SystemError) -> Bool {
        let lock = try descriptor.withLock { (descriptor) throws(SystemError) in
            try Self.control(descriptor, Self.getLock, F_WRLCK, part)
        }
        return lock.l_type != Int16(F_UNLCK)
    }

    /// Gives everything back.
    package func release() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { close(descriptor) }
            descriptor = -1
        }
    }

    /// Which file is open, whatever its name leads to by now; `nil` once released.
    package var identity: FileIdentity? { descriptor.withLock { FileIdentity(of: $0) } }

    /// Whether the name leads to the file that is open. Somebody may have removed it: a lock on a name that is gone
    /// locks nobody out.
    package var hasItsName: Bool { identity?.isAt(path) ?? false }

    private static func control(
        _ descriptor: Int32, _ command: Int32, _ type: Int32, _ part: Part
    ) throws(SystemError) -> flock {
        var lock = flock()
        lock.l_type = Int16(type)
        lock.l_whence = Int16(SEEK_SET)
        if case .byte(let byte) = part {
            lock.l_start = off_t(byte)
            lock.l_len = 1
        }
        try SystemCall.repeated {
            withUnsafeMutablePointer(to: &lock) { fcntl(descriptor, command, UnsafeMutableRawPointer($0)) }
        }
        return lock
    }
}
