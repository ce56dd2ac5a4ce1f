// A file that bytes are added to at its end, by one process or by several that take turns.

import Glibc

/// An open file that only grows. Closed when let go.
package final class AppendedFile: Sendable {
    /// Open for adding; where several share the file, for reading as well. Remains this object's.
    package let descriptor: Int32

    /// Opens a file of the program's own, or makes it with mode 0600.
    package init(_ path: String) throws(SystemError) {
        descriptor = try SystemCall.repeated { open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600) }
    }

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Adds bytes, however many calls it takes, and takes away from `rest` what was written: after a failure the rest
    /// can be tried again.
    package func append(_ rest: inout ArraySlice<UInt8>) throws(SystemError) {
        while !rest.isEmpty {
            let piece = rest
            rest = rest.dropFirst(
                try SystemCall.repeated { piece.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } })
        }
    }

    /// Adds bytes by one write, so that who reads meanwhile sees all of them or none, and puts them on the disk. What
    /// did not fit is taken back: only for who has the file locked.
    /// - Parameter size: of the file.
    package func appendAtOnce(_ bytes: [UInt8], size: Int) throws(SystemError) {
        let count = try SystemCall.repeated { bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } }
        guard count == bytes.count else {
            if count > 0 { ftruncate(descriptor, off_t(size)) }
            throw SystemError(ENOSPC)
        }
        try sync()
    }

    /// Waits until everything is on the disk.
    package func sync() throws(SystemError) { try SystemCall.repeated { fsync(descriptor) } }
}

extension AppendedFile {
    /// What came of opening a file that others add to.
    package enum Opening: Sendable {
        /// It is ours until it is let go.
        case locked(AppendedFile)
        case symbolicLink
        /// Others have had it for all of the time.
        case busy
        case failed(SystemError)
    }

    /// Opens a file and waits for its lock, until it is surely the file of that name: somebody may have replaced it.
    ///
    /// - Parameters:
    ///   - name: the file's in `directory`, an open folder.
    ///   - patience: how long to wait. Blocks.
    ///   - open: opens the file, or makes it, with these flags of `open`; `nil` when it is a symbolic link. Which file
    ///     may be written is for it to decide.
    package static func openLocked<Failure: Error>(
        _ name: String, in directory: Int32, within patience: Duration,
        open: (_ flags: Int32) throws(Failure) -> Int32?
    ) throws(Failure) -> Opening {
        let clock = ContinuousClock()
        let end = clock.now + patience
        var pause: UInt32 = 1_000
        while true {
            guard let descriptor = try open(O_RDWR | O_APPEND | O_CREAT) else { return .symbolicLink }
            do throws(SystemError) {
                if let file = try lock(descriptor, name, in: directory) { return .locked(file) }
            } catch { return .failed(error) }
            guard clock.now < end else { return .busy }
            usleep(pause)
            pause = min(pause * 2, 20_000)
        }
    }

    /// - Returns: `nil` when others have the lock, or the file has lost its name; then it is closed.
    private static func lock(
        _ descriptor: Int32, _ name: String, in directory: Int32
    ) throws(SystemError) -> AppendedFile? {
        let file = AppendedFile(descriptor: descriptor)
        guard try FileLock.take(of: descriptor), let identity = FileIdentity(of: descriptor) else { return nil }
        return identity == FileIdentity(name, in: directory) ? file : nil
    }
}
