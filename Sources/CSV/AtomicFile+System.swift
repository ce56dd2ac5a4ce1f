// The system calls of AtomicFile: interrupted ones repeated, short writes continued, numbers turned into failures.

internal import Glibc

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

    /// The permissions of the file that will be replaced; nil if there is none.
    /// - Throws: if what bears the name must not be replaced, or the name cannot be a file's.
    static func modeToKeep(of name: String, in directory: Int32, path: String) throws(Failure) -> mode_t? {
        guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(UInt8(ascii: "/")), !name.utf8.contains(0)
        else {
            throw Failure(.inspect, path: path, errno: EINVAL, reason: "the path names no file")
        }
        var status = stat()
        if let code = errorCode(of: { fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) }) {
            if code == ENOENT { return nil }
            throw Failure(.inspect, path: path, errno: code)
        }
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
        if let code = errorCode(of: { faccessat(directory, name, W_OK, AT_EACCESS) }) {
            throw Failure(.inspect, path: path, errno: code)
        }
        return status.st_mode & 0o777
    }

    /// Creates a file that nobody else has, with `mode` or what the umask leaves of 0666.
    static func createTemporary(
        for name: String, in directory: Int32, mode: mode_t?, path: String
    ) throws(Failure) -> (descriptor: Int32, name: String) {
        // A name may have 255 bytes; the target's beginning is enough to recognise a file left behind.
        let stem = String(decoding: name.utf8.prefix(200), as: UTF8.self)
        var attempts = 0
        while true {
            let temporary = ".\(stem).paylink-\(randomSuffix())"
            let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
            let descriptor: Int32
            do {
                descriptor = try check(.create, path) { openat(directory, temporary, flags, 0o666) }
            } catch {
                attempts += 1
                if error.errno == EEXIST, attempts < 100 { continue }
                throw error
            }
            if let mode, let code = errorCode(of: { fchmod(descriptor, mode) }) {
                close(descriptor)
                unlinkat(directory, temporary, 0)
                throw Failure(.create, path: path, errno: code)
            }
            return (descriptor, temporary)
        }
    }

    /// Writes everything.
    /// - Returns: the error's number; nil on success.
    static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            let count = Glibc.write(descriptor, piece.baseAddress, piece.count)
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                return errno
            }
        }
        return nil
    }

    /// Makes a rename outlast a loss of power. File systems that cannot do that say EINVAL, and are let pass.
    static func syncDirectory(_ directory: Int32, path: String) throws(Failure) {
        if let code = errorCode(of: { fsync(directory) }), code != EINVAL {
            throw Failure(.syncDirectory, path: path, errno: code)
        }
    }

    /// Runs a system call until it is not interrupted.
    /// - Returns: the error's number; nil on success.
    static func errorCode(of call: () -> Int32) -> Int32? {
        while call() < 0 {
            let code = errno
            if code != EINTR { return code }
        }
        return nil
    }

    private static func check(
        _ operation: Operation, _ path: String, _ call: () -> Int32
    ) throws(Failure) -> Int32 {
        var result: Int32 = -1
        let code = errorCode {
            result = call()
            return result
        }
        if let code { throw Failure(operation, path: path, errno: code) }
        return result
    }

    private static func randomSuffix() -> String {
        let letters = Array("0123456789abcdefghijklmnopqrstuvwxyz")
        return String((0..<6).map { _ in letters[Int.random(in: 0..<letters.count)] })
    }
}
