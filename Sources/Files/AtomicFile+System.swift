// The beginning of an AtomicFile: its directory opened, what has its name looked at, its temporary file made.

import Glibc

extension AtomicFile {
    /// The directory and the name in it. A name that cannot be one (`..`, nothing) is refused by `modeToKeep`.
    static func split(_ path: String) -> (directory: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        let directory = String(path[..<slash])
        return (directory.isEmpty ? "/" : directory, String(path[path.utf8.index(after: slash)...]))
    }

    static func openDirectory(_ directory: String, for path: String) throws(Failure) -> Int32 {
        try check(.openDirectory, path) { open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    }

    static func duplicate(_ directory: Int32, path: String) throws(Failure) -> Int32 {
        try check(.openDirectory, path) { fcntl(directory, F_DUPFD_CLOEXEC, 0) }
    }

    /// The permissions of the file that will be replaced, where it passes them on; else nil.
    /// - Throws: if what bears the name must not be replaced, or the name cannot be a file's.
    static func modeToKeep(
        of name: String, in directory: Int32, _ replaced: Replacing, path: String
    ) throws(Failure) -> mode_t? {
        guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(UInt8(ascii: "/")), !name.utf8.contains(0)
        else {
            throw Failure(.inspect, path: path, errno: EINVAL, reason: "the path names no file")
        }
        guard replaced != .anything else { return nil }
        var status = stat()
        do throws(SystemError) {
            try SystemCall.repeated { fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) }
        } catch {
            if error.number == ENOENT { return nil }
            throw Failure(.inspect, path: path, error)
        }
        guard replaced != .nothing else { throw Failure(.inspect, path: path, errno: EEXIST) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw Failure(.inspect, path: path, errno: EISDIR, reason: "it is a directory")
        case S_IFLNK:
            throw Failure(
                .inspect, path: path, errno: ELOOP, reason: "it is a symbolic link; name the file that it leads to")
        default:
            throw Failure(
                .inspect, path: path, errno: EINVAL,
                reason: "it is no regular file, and only such a file can be replaced as a whole")
        }
        _ = try check(.inspect, path) { faccessat(directory, name, W_OK, AT_EACCESS) }
        return status.st_mode & 0o777
    }

    /// Creates a file that nobody else has.
    /// - Parameters:
    ///   - mode: of which the umask leaves its part.
    ///   - kept: instead, if not nil.
    static func createTemporary(
        for name: String, in directory: Int32, mode: mode_t, kept: mode_t?, path: String
    ) throws(Failure) -> (descriptor: Int32, name: String) {
        // A name may have 255 bytes; the target's beginning is enough to recognise a file left behind.
        let stem = String(decoding: name.utf8.prefix(200), as: UTF8.self)
        do throws(SystemError) {
            let (descriptor, temporary) = try SystemCall.makeFile(
                ".\(stem).paylink-", in: directory, O_WRONLY, mode: mode)
            guard let kept else { return (descriptor, temporary) }
            do throws(SystemError) { try SystemCall.repeated { fchmod(descriptor, kept) } } catch {
                close(descriptor)
                unlinkat(directory, temporary, 0)
                throw error
            }
            return (descriptor, temporary)
        } catch { throw Failure(.create, path: path, error) }
    }

    private static func check(
        _ operation: Operation, _ path: String, _ call: () -> Int32
    ) throws(Failure) -> Int32 {
        do throws(SystemError) { return try SystemCall.repeated(call) } catch {
            throw Failure(operation, path: path, error)
        }
    }
}
