// What counts as a file, wherever one is opened that somebody else may have put there: a regular file, on storage.
// Who may read it, and what it may hold, is for the caller to decide.

import CPosix
package import Glibc

/// A regular file of a file system that keeps what it is given.
package enum OrdinaryFile {
    /// Why something is none.
    package enum Problem: Error, Sendable, Hashable {
        /// The system's own reason, an `errno`.
        case system(Int32)
        /// A folder, a pipe, a device, a socket.
        case notRegular
        /// It lies where the kernel shows itself as files: procfs and its like, whose files pass for regular ones.
        case noStorage

        /// Completes "FILE …".
        package var description: String {
            switch self {
            case .system(let number): "cannot be read: \(String(cString: strerror(number)))"
            case .notRegular: "is no regular file"
            case .noStorage: "shows the system and stores nothing"
            }
        }
    }

    /// O_PATH of <fcntl.h>, where it hides behind a feature macro: a descriptor that stands for a file without opening
    /// it. A device is not touched by it, and a pipe does not hold it up.
    package static let pathOnly: Int32 = 0o10000000

    /// Judges what is open; O_PATH will do.
    /// - Parameter status: what `fstat` says of it.
    package static func problem(of file: Int32, _ status: stat) -> Problem? {
        guard cposix_is_storage(file) == 1 else { return .noStorage }
        return status.st_mode & S_IFMT == S_IFREG ? nil : .notRegular
    }

    /// Opens a file for reading; anything else is not even touched.
    /// - Returns: a descriptor that no program inherits, and what `fstat` says of it.
    package static func open(_ path: String) throws(Problem) -> (file: Int32, status: stat) {
        guard !path.utf8.contains(0) else { throw .system(EINVAL) }
        let place = Glibc.open(path, pathOnly | O_CLOEXEC)
        guard place >= 0 else { throw .system(errno) }
        defer { close(place) }
        var status = stat()
        guard fstat(place, &status) == 0 else { throw .system(errno) }
        if let problem = problem(of: place, status) { throw problem }
        return (try reopen(place, O_RDONLY), status)
    }

    /// Opens the very file that an O_PATH descriptor stands for.
    /// - Parameter flags: of `open`; none that makes a file.
    package static func reopen(_ place: Int32, _ flags: Int32) throws(Problem) -> Int32 {
        let file = Glibc.open("/proc/self/fd/\(place)", flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else { throw .system(errno) }
        return file
    }
}
