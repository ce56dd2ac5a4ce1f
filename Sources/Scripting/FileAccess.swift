// Which files a script may touch: those under the folders that it was given, after every symbolic link is resolved.

import Glibc

/// The folders that a script may read and write. Everything below them is allowed, nothing else.
public struct FileAccess: Sendable {
    /// Resolved folders.
    private var readable: [String]
    private var writable: [String]

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
    /// What is checked is the file that was opened, so nothing can be swapped in between.
    func openForReading(_ path: String) throws(Refusal) -> Int32 {
        guard !path.utf8.contains(0) else { throw Refusal(code: "not_allowed", message: "a path with a NUL byte") }
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard file >= 0 else { throw Refusal(path, errno) }
        guard let real = Self.path(of: file), Self.isBelow(real, readable) else {
            close(file)
            throw Refusal(reading: path)
        }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(file)
            throw Refusal(code: "file_failed", message: "\(ShownText.short(path)) is no regular file")
        }
        return file
    }

    /// Opens the folder in which a file is to be written, and gives the file's name in it.
    func openForWriting(_ path: String) throws(Refusal) -> (directory: Int32, name: String) {
        guard !path.utf8.contains(0) else { throw Refusal(code: "not_allowed", message: "a path with a NUL byte") }
        let slash = path.lastIndex(of: "/")
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        let parent = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard !name.isEmpty, name != ".", name != ".." else {
            throw Refusal(code: "file_failed", message: "\"\(ShownText.short(path))\" names no file")
        }
        let directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw Refusal(path, errno) }
        guard let real = Self.path(of: directory), Self.isBelow(real, writable) else {
            close(directory)
            throw Refusal(writing: path)
        }
        return (directory, name)
    }

    /// Why a file is not there for a script.
    struct Refusal: Error {
        var code: String
        var message: String

        init(code: String, message: String) {
            self.code = code
            self.message = message
        }

        init(_ path: String, _ errno: Int32) {
            code = errno == ENOENT ? "not_found" : "file_failed"
            message = "\(ShownText.short(path)): \(String(cString: strerror(errno)))"
        }

        init(reading path: String) {
            code = "not_allowed"
            message =
                "\(ShownText.short(path)) is outside of the script's folder and the working directory; --allow-read=DIR allows it"
        }

        init(writing path: String) {
            code = "not_allowed"
            message =
                "\(ShownText.short(path)) is outside of the script's folder and the working directory; --allow-write=DIR allows it"
        }
    }

    private static func resolve(_ folder: String) -> String? {
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

    private static func isBelow(_ path: String, _ folders: [String]) -> Bool {
        folders.contains { $0 == "/" || path == $0 || path.hasPrefix($0 + "/") }
    }
}
