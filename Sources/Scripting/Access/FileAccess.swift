// Which files a script may touch: those under the folders that it was given, after every symbolic link is resolved.
// What is opened is judged in FileAccess+Judging.swift.

import Advice
import Console
import Files
import Glibc

/// The folders that a script may read and write. Everything below them is allowed, nothing else; what could give a
/// later run more rights (``RunnableName``) is written only where somebody named it.
public struct FileAccess: Sendable {
    /// Resolved folders, and files that were named one by one.
    private(set) var readable: [String] = []
    private(set) var writable: [String] = []
    /// Those of `writable` that somebody named: in them, scripts and settings may be written as well.
    private(set) var named: [String] = []
    /// Files of the host itself that lie below such a folder and are out of reach all the same.
    public var reserved = ReservedFiles.none
    /// What messages call the means that they advise; the host's options have them.
    var words = AdviceWords.neutral
    /// Files that run, under whatever name: the script itself.
    public var running: [String] = []

    /// Where relative paths begin; `nil`: in the process's working directory.
    package var base: String?

    /// No files at all.
    public init() {}

    /// - Parameters:
    ///   - own: folders that every script may read and write below. The root is none: that would be everything.
    ///   - readable: folders to read below, beside those. What does not exist is left out.
    ///   - writable: folders to read and write below, and files to read and write, which need not exist yet.
    public init(own: [String] = [], readable: [String], writable: [String]) {
        // A link to a file stands for both: it is opened by its own name first.
        named = writable.flatMap { [RealPath.resolve($0), RealPath.unresolved($0)].compactMap { $0 } }
        self.writable = own.compactMap(RealPath.resolve).filter { $0 != "/" } + named
        self.readable = self.writable + readable.compactMap(RealPath.resolve)
    }

    /// Opens a file for reading.
    ///
    /// What is judged is the file itself, not its path, so nothing can be swapped in between; and it is judged
    /// before it is really opened: opening and closing a file of the ledger, say, would drop SQLite's locks on it.
    func openForReading(_ path: String) throws(Refusal) -> Int32 {
        guard let place = try Self.open(placed(path), OrdinaryFile.pathOnly, shown: path) else {
            // Whether a file outside is there is nobody's business.
            throw parentIsAllowed(placed(path)) ? Refusal(path, ENOENT) : Refusal(reading: path, words)
        }
        defer { close(place) }
        return try openJudged(place, .reading, O_RDONLY, shown: path)
    }

    /// Opens a module of the script's own: a link may lead it anywhere, but only to a file, and to none of the host's.
    func openModule(_ path: String) throws(Refusal) -> Int32 {
        guard let place = try Self.open(path, OrdinaryFile.pathOnly) else { throw Refusal(path, ENOENT) }
        defer { close(place) }
        return try openJudged(place, .loading, O_RDONLY, shown: path)
    }

    /// Opens the folder in which a file is to be written, and gives the file's name in it.
    /// - Parameter shown: what messages call it; the path itself if absent.
    func openForWriting(_ path: String, shown: String? = nil) throws(Refusal) -> (directory: Int32, name: String) {
        let shown = shown ?? path
        // The system would see no further than the NUL, and so another name than the one that is judged here.
        guard !path.utf8.contains(0) else { throw Refusal.nul }
        let (parent, name) = RealPath.split(placed(path))
        guard !name.isEmpty, name != ".", name != ".." else {
            throw Refusal(code: "file_failed", message: "\"\(ShownText.path(shown))\" names no file", number: EINVAL)
        }
        guard let directory = try Self.open(parent, O_RDONLY | O_DIRECTORY, shown: shown) else {
            throw Refusal(shown, ENOENT)
        }
        do throws(Refusal) { try judge(name, in: directory, shown: shown) } catch {
            close(directory)
            throw error
        }
        return (directory, name)
    }

    /// Whether a program may be started in a folder: one that the script may read.
    func allowsFolder(_ path: String) -> Bool {
        guard !path.utf8.contains(0), let real = RealPath.resolve(placed(path)) else { return false }
        return isReadable(real)
    }

    func isReadable(_ real: String) -> Bool { readable.contains { RealPath.isBelow(real, $0) } }

    func isWritable(_ real: String) -> Bool { writable.contains { RealPath.isBelow(real, $0) } }

    /// Whether somebody named this very file or folder.
    func isNamed(_ real: String) -> Bool { named.contains { RealPath.isSame($0, real) } }

    func placed(_ path: String) -> String {
        guard let base, !path.hasPrefix("/") else { return path }
        return path.isEmpty ? "" : "\(base)/\(path)"
    }

    private func parentIsAllowed(_ path: String) -> Bool {
        RealPath.resolve(RealPath.split(path).parent).map(isReadable) ?? false
    }

    /// `nil`: there is none, or it may not be seen.
    private static func open(_ path: String, _ flags: Int32, shown: String? = nil) throws(Refusal) -> Int32? {
        guard !path.utf8.contains(0) else { throw Refusal.nul }
        let file = Glibc.open(path, flags | O_CLOEXEC)
        if file >= 0 { return file }
        guard errno == ENOENT || errno == EACCES || errno == ENOTDIR else { throw Refusal(shown ?? path, errno) }
        return nil
    }
}
