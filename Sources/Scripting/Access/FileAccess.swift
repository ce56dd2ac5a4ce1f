// Which files a script may touch: those under the folders that it was given, after every symbolic link is resolved.

import CPosix
import Glibc

/// The folders that a script may read and write. Everything below them is allowed, nothing else; what could give a
/// later run more rights (``RunnableName``) is written only where somebody named it.
public struct FileAccess: Sendable {
    /// Resolved folders, and files that were named one by one.
    private var readable: [String]
    private var writable: [String]
    /// Those of `writable` that somebody named: in them, scripts and settings may be written as well.
    private var named: [String]
    /// Files of the host itself that lie below such a folder and are out of reach all the same: the ledger's. They need
    /// not exist yet.
    public var reserved: [String] = [] {
        didSet { reservedPlaces = reserved.map { Self.place($0) ?? $0 } }
    }
    private var reservedPlaces: [String] = []
    /// Files that run, under whatever name: the script itself.
    public var running: [String] = []

    /// No files at all.
    public init() {
        readable = []
        writable = []
        named = []
    }

    /// - Parameters:
    ///   - own: folders that every script may read and write below. The root is none: that would be everything.
    ///   - readable: folders to read below, beside those. What does not exist is left out.
    ///   - writable: folders to read and write below, and files to read and write, which need not exist yet.
    public init(own: [String] = [], readable: [String], writable: [String]) {
        // A link to a file stands for both: it is opened by its own name first.
        named = writable.flatMap { [Self.resolve($0), Self.unresolved($0)].compactMap { $0 } }
        self.writable = own.compactMap(Self.resolve).filter { $0 != "/" } + named
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
        guard cposix_is_no_storage(place) == 0 else { throw Refusal(noStorage: path) }
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
        guard let directory = try Self.open(parent, O_RDONLY | O_DIRECTORY, shown: shown) else {
            throw Refusal(shown, ENOENT)
        }
        do throws(Refusal) { try judge(directory, name, shown) } catch {
            close(directory)
            throw error
        }
        return (directory, name)
    }

    /// Whether a file of this name may be written in an open folder.
    private func judge(_ directory: Int32, _ name: String, _ shown: String) throws(Refusal) {
        guard let folder = Self.path(of: directory) else { throw Refusal(writing: shown) }
        let real = folder == "/" ? "/" + name : folder + "/" + name
        guard Self.isBelow(real, writable) else { throw Refusal(writing: shown) }
        guard cposix_is_no_storage(directory) == 0 else { throw Refusal(noStorage: shown) }
        var status = stat()
        let isThere = fstatat(directory, name, &status, 0) == 0
        guard !isReserved(real, isThere ? status : nil) else { throw Refusal(reserved: shown) }
        guard RunnableName.matches(name) || isThere && Self.isOne(of: running, status) else { return }
        let isNamed = named.contains { $0.utf8.elementsEqual(real.utf8) || $0.utf8.elementsEqual(folder.utf8) }
        guard isNamed else { throw Refusal(runnable: shown) }
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
        if (reserved + reservedPlaces).contains(where: { $0.utf8.elementsEqual(real.utf8) }) { return true }
        return status.map { Self.isOne(of: reserved, $0) } ?? false
    }

    private static func isOne(of files: [String], _ status: stat) -> Bool {
        files.contains { file in
            var other = stat()
            return stat(file, &other) == 0 && other.st_dev == status.st_dev && other.st_ino == status.st_ino
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

        init(noStorage path: String) {
            (code, number) = ("not_allowed", EACCES)
            message = "\(ShownText.path(path)) shows the system and stores nothing: no script reads or writes it"
        }

        init(linkToFolder path: String) {
            (code, number) = ("file_failed", EINVAL)
            message = "\(ShownText.path(path)) leads to a folder: no script renames or removes it"
        }

        init(runnable path: String) {
            (code, number) = ("not_allowed", EACCES)
            let shown = ShownText.path(path)
            message =
                "\(shown) could give a later run more rights: a script writes, renames or removes it only where "
                + "--allow-write=\(shown) or its folder allows it"
        }

        init(writing path: String) {
            (code, number) = ("not_allowed", EACCES)
            message =
                "\(ShownText.path(path)) is outside of the script's folder and the working directory; --allow-write=DIR allows it"
        }
    }

    /// Where a file is or would be, with every link resolved.
    private static func place(_ path: String) -> String? {
        resolve(path) ?? unresolved(path)
    }

    /// Where the name itself is, whatever it leads to.
    private static func unresolved(_ path: String) -> String? {
        let (parent, name) = split(path)
        guard !name.isEmpty, name != ".", name != "..", let folder = resolve(parent) else { return nil }
        return folder == "/" ? "/" + name : folder + "/" + name
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
