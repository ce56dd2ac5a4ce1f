// Which files a script may touch: those under the folders that it was given, after every symbolic link is resolved.

import Glibc

/// The folders that a script may read and write. Everything below them is allowed, nothing else.
public struct FileAccess: Sendable {
    /// Resolved folders.
    private var readable: [String]
    private var writable: [String]
    /// Files of the host itself that lie below such a folder and are out of reach all the same: the ledger's.
    public var reserved: [String] = []
    /// File names that no script writes, in whatever folder: of settings, which could allow the next run more.
    public var reservedNames: [String] = []

    /// No files at all.
    public init() {
        readable = []
        writable = []
    }

    /// - Parameters:
    ///   - readable: folders to read below, beside `writable`. What does not exist is left out.
    ///   - writable: folders to read and write below.
    public init(readable: [String], writable: [String]) {
        self.writable = writable.compactMap(Self.resolve)
        self.readable = self.writable + readable.compactMap(Self.resolve)
    }

    /// Opens a file for reading.
    ///
    /// What is checked is the file itself, not its path, so nothing can be swapped in between; and it is checked
    /// before it is really opened: opening and closing a file of the ledger, say, would drop SQLite's locks on it.
    func openForReading(_ path: String) throws(Refusal) -> Int32 {
        guard let place = try Self.open(path, Self.pathOnly) else {
            // Whether a file outside is there is nobody's business.
            throw parentIsAllowed(path, readable) ? Refusal(path, ENOENT) : Refusal(reading: path)
        }
        defer { close(place) }
        guard let real = Self.path(of: place), Self.isBelow(real, readable) else { throw Refusal(reading: path) }
        var status = stat()
        guard fstat(place, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Refusal(code: "file_failed", message: "\(ShownText.path(path)) is no regular file", number: EINVAL)
        }
        guard !isReserved(real, status) else { throw Refusal(reserved: path) }
        guard let file = try Self.open("/proc/self/fd/\(place)", O_RDONLY, shown: path) else {
            throw Refusal(path, ENOENT)
        }
        return file
    }

    /// Opens the folder in which a file is to be written, and gives the file's name in it.
    /// - Parameter shown: what messages call it; the path itself if absent.
    func openForWriting(_ path: String, shown: String? = nil) throws(Refusal) -> (directory: Int32, name: String) {
        let shown = shown ?? path
        // The system would see no further than the NUL, and so another name than the one that is judged here.
        guard !path.utf8.contains(0) else { throw Refusal.nul }
        let (parent, name) = Self.split(path)
        guard !name.isEmpty, name != ".", name != ".." else {
            throw Refusal(code: "file_failed", message: "\"\(ShownText.path(shown))\" names no file", number: EINVAL)
        }
        guard !reservedNames.contains(name) else { throw Refusal(reserved: shown) }
        guard let directory = try Self.open(parent, O_RDONLY | O_DIRECTORY, shown: shown) else {
            throw Refusal(shown, ENOENT)
        }
        guard let real = Self.path(of: directory), Self.isBelow(real, writable) else {
            close(directory)
            throw Refusal(writing: shown)
        }
        var status = stat()
        let isThere = fstatat(directory, name, &status, 0) == 0
        guard !isReserved(real + "/" + name, isThere ? status : nil) else {
            close(directory)
            throw Refusal(reserved: shown)
        }
        return (directory, name)
    }

    /// Whether a program may be started in a folder: one that the script may read.
    func allowsFolder(_ path: String) -> Bool {
        guard !path.utf8.contains(0), let real = Self.resolve(path) else { return false }
        return Self.isBelow(real, readable)
    }

    /// O_PATH of <fcntl.h>, where it hides behind a feature macro: a descriptor that stands for the file without
    /// opening it.
    private static let pathOnly: Int32 = 0o10000000

    /// Whether it is one of the host's own files, under whatever name.
    private func isReserved(_ real: String, _ status: stat?) -> Bool {
        reserved.contains { file in
            if file == real { return true }
            var other = stat()
            guard let status, stat(file, &other) == 0 else { return false }
            return other.st_dev == status.st_dev && other.st_ino == status.st_ino
        }
    }

    private func parentIsAllowed(_ path: String, _ folders: [String]) -> Bool {
        Self.resolve(Self.split(path).parent).map { Self.isBelow($0, folders) } ?? false
    }

    /// By bytes, as the system does: to Swift a slash with an accent behind it is another character.
    private static func split(_ path: String) -> (parent: String, name: String) {
        let bytes = Array(path.utf8)
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        return (
            slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self),
            String(decoding: bytes[(slash + 1)...], as: UTF8.self)
        )
    }

    /// `nil`: there is none, or it may not be seen.
    private static func open(_ path: String, _ flags: Int32, shown: String? = nil) throws(Refusal) -> Int32? {
        guard !path.utf8.contains(0) else { throw Refusal.nul }
        let file = Glibc.open(path, flags | O_CLOEXEC)
        if file >= 0 { return file }
        guard errno == ENOENT || errno == EACCES || errno == ENOTDIR else { throw Refusal(shown ?? path, errno) }
        return nil
    }

    /// Why a file is not there for a script.
    struct Refusal: Error {
        var code: String
        var message: String
        /// The `errno` that says the same, as Lua's own functions give it.
        var number: Int32

        init(code: String, message: String, number: Int32) {
            self.code = code
            self.message = message
            self.number = number
        }

        init(_ path: String, _ errno: Int32) {
            number = errno
            code = errno == ENOENT ? "not_found" : "file_failed"
            message = "\(ShownText.path(path)): \(String(cString: strerror(errno)))"
        }

        static var nul: Refusal { Refusal(code: "not_allowed", message: "a path with a NUL byte", number: EINVAL) }

        init(notText what: String) {
            self.init(code: "file_failed", message: "\(what) is not valid UTF-8", number: EINVAL)
        }

        init(reading path: String) {
            (code, number) = ("not_allowed", EACCES)
            message =
                "\(ShownText.path(path)) is outside of the script's folder and the working directory; --allow-read=DIR allows it"
        }

        init(reserved path: String) {
            (code, number) = ("not_allowed", EACCES)
            message = "\(ShownText.path(path)) belongs to paylink itself: no script reads or writes it"
        }

        init(writing path: String) {
            (code, number) = ("not_allowed", EACCES)
            message =
                "\(ShownText.path(path)) is outside of the script's folder and the working directory; --allow-write=DIR allows it"
        }
    }

    static func resolve(_ folder: String) -> String? {
        guard let real = realpath(folder, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    /// Where an open file is, with every link resolved.
    private static func path(of file: Int32) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        // Safe because: the buffer is not empty.
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { readlink("/proc/self/fd/\(file)", $0.baseAddress!, $0.count) }
        }
        guard count > 0, count < buffer.count else { return nil }
        return String(validating: buffer[..<count], as: UTF8.self)
    }

    /// By bytes: names that Unicode holds for the same are different files.
    private static func isBelow(_ path: String, _ folders: [String]) -> Bool {
        folders.contains { folder in
            let path = Array(path.utf8), folder = Array(folder.utf8)
            return folder == [UInt8(ascii: "/")]
                || path.starts(with: folder) && (path.count == folder.count || path[folder.count] == UInt8(ascii: "/"))
        }
    }
}
