// Files as Lua's own functions use them: opened for reading, writing or both, removed, renamed.

import CPosix
import Console
import Glibc

/// A mode of C's `fopen`: one of r, w and a, with + for both ways.
struct FileMode {
    let kind: Character
    let isBoth: Bool

    /// - Parameter text: a mode that the prelude has checked.
    init(_ text: String) {
        kind = text.first ?? "r"
        isBoth = text.contains("+")
    }

    var writes: Bool { kind != "r" || isBoth }

    /// The same access to a file that is there, without making or emptying one.
    fileprivate var touchingNothing: FileMode { FileMode("r+") }

    fileprivate var flags: Int32 {
        let direction = isBoth ? O_RDWR : kind == "r" ? O_RDONLY : O_WRONLY
        return direction | (kind == "r" ? 0 : O_CREAT) | (kind == "a" ? O_APPEND : 0)
    }
}

extension FileAccess {
    /// Opens a regular file. One that is opened for writing may be a symbolic link to a file that may be written.
    /// - Parameter isDryRun: leaves files as they are: what is written goes nowhere.
    /// - Returns: a descriptor that no program inherits.
    func open(_ path: String, _ mode: FileMode, isDryRun: Bool) throws(Refusal) -> Int32 {
        guard mode.writes else { return try openForReading(path) }
        guard isDryRun else { return try openWhereItIs(path, mode) }
        do throws(Refusal) { close(try openWhereItIs(path, mode.touchingNothing)) } catch {
            // A file that would be made.
            guard error.number == ENOENT, mode.kind != "r" else { throw error }
        }
        let nowhere = cposix_memory_file()
        guard nowhere >= 0 else { throw Refusal(path, errno) }
        return nowhere
    }

    private func openWhereItIs(_ path: String, _ mode: FileMode) throws(Refusal) -> Int32 {
        if let file = try openInPlace(path, mode) { return file }
        guard let real = RealPath.resolve(placed(path)) else { throw Refusal(path, ENOENT) }
        // It was a link; what it leads to is judged by its own place.
        guard let file = try openInPlace(real, mode, shown: path) else { throw Refusal(path, ELOOP) }
        return file
    }

    /// `nil`: the path's last part is a symbolic link.
    private func openInPlace(_ path: String, _ mode: FileMode, shown: String? = nil) throws(Refusal) -> Int32? {
        let shown = shown ?? path
        let (directory, name) = try openForWriting(path, shown: shown)
        defer { close(directory) }
        guard let file = try open(name, in: directory, mode.flags, shown: shown) else { return nil }
        // What was there is emptied only now that it is known.
        if mode.kind == "w", ftruncate(file, 0) != 0 {
            let code = errno
            close(file)
            throw Refusal(shown, code)
        }
        return file
    }

    /// Removes a file or a symbolic link.
    func remove(_ path: String, isDryRun: Bool) throws(Refusal) {
        let (directory, name) = try place(of: path)
        defer { close(directory) }
        guard !isDryRun else { return }
        guard unlinkat(directory, name, 0) == 0 else { throw Refusal(path, errno) }
    }

    /// Gives a file another name, in place of the one that has it.
    func rename(_ path: String, to new: String, isDryRun: Bool) throws(Refusal) {
        let (directory, name) = try place(of: path)
        defer { close(directory) }
        let (newDirectory, newName) = try openForWriting(new)
        defer { close(newDirectory) }
        guard !isLinkToFolder(newDirectory, newName) else { throw Refusal(linkToFolder: new) }
        guard !isDryRun else { return }
        guard renameat(directory, name, newDirectory, newName) == 0 else { throw Refusal(new, errno) }
    }

    /// Where a file is that is to go; folders, below which the host's own files may lie, stay.
    private func place(of path: String) throws(Refusal) -> (directory: Int32, name: String) {
        let (directory, name) = try openForWriting(path)
        var status = stat()
        guard fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            let code = errno
            close(directory)
            throw Refusal(path, code)
        }
        guard status.st_mode & S_IFMT == S_IFREG || status.st_mode & S_IFMT == S_IFLNK else {
            close(directory)
            throw Refusal(code: "file_failed", message: "\(ShownText.path(path)) is no regular file", number: EINVAL)
        }
        guard !isLinkToFolder(directory, name) else {
            close(directory)
            throw Refusal(linkToFolder: path)
        }
        return (directory, name)
    }

    /// Another link in its place, and other scripts would run than were meant.
    private func isLinkToFolder(_ directory: Int32, _ name: String) -> Bool {
        var own = stat(), target = stat()
        return fstatat(directory, name, &own, AT_SYMLINK_NOFOLLOW) == 0 && own.st_mode & S_IFMT == S_IFLNK
            && fstatat(directory, name, &target, 0) == 0 && target.st_mode & S_IFMT == S_IFDIR
    }
}
