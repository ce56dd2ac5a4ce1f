// A file that appears complete or not at all: written beside its target, renamed over it at the end.
// The system calls are in AtomicFile+System.swift; whether a place may be written is for the caller to decide.

import Glibc

/// Writes a file under a temporary name in the target's directory, and gives it its name on `commit()`.
///
/// ```swift
/// let file = try AtomicFile(path: "orders.out.csv")
/// try file.write(writer.bytes)
/// try file.commit()
/// ```
/// Until then, and after any failure, a file of that name is what it was. A value that is dropped without `commit()`
/// discards. A symbolic link is never followed: the directory that the caller has checked stays the one that is
/// written to.
///
/// It is not Sendable: it has one owner at a time. Everything throws ``AtomicFile/Failure``.
package final class AtomicFile {
    /// What may have the name already.
    package enum Replacing: Sendable, Hashable {
        /// A regular file that may be written. It passes on its permissions; a new file gets those of the umask.
        case regularFile
        /// Whatever can be renamed over, a symbolic link as well. The new file is of mode 0600.
        case anything
        /// Nothing, not even at the end. The new file is of mode 0600.
        case nothing
    }

    private static let bufferSize = 64 << 10

    /// The path for messages.
    package let path: String
    private let name: String
    /// What it is called in the directory until it is committed.
    package let temporaryName: String
    private let replaced: Replacing
    private let directory: Int32
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private var isTemporaryThere = true

    /// Begins a file at `path`. Opens its directory, which must exist and be readable.
    package convenience init(path: String, replacing replaced: Replacing = .regularFile) throws(Failure) {
        let (parent, name) = Self.split(path)
        let directory = try Self.openDirectory(parent, for: path)
        defer { close(directory) }
        try self.init(directory: directory, name: name, path: path, replacing: replaced)
    }

    /// Begins a file in an open directory.
    /// - Parameters:
    ///   - directory: opened for reading (not with O_PATH, as it is synchronised); remains the caller's.
    ///   - name: without a slash.
    ///   - path: how messages call the file; its name if nil.
    package init(
        directory: Int32, name: String, path: String? = nil, replacing replaced: Replacing = .regularFile
    ) throws(Failure) {
        let shown = path ?? name
        let kept = try Self.modeToKeep(of: name, in: directory, replaced, path: shown)
        self.path = shown
        self.name = name
        self.replaced = replaced
        self.directory = try Self.duplicate(directory, path: shown)
        do {
            (descriptor, temporaryName) = try Self.createTemporary(
                for: name, in: self.directory, mode: replaced == .regularFile ? 0o666 : 0o600, kept: kept, path: shown)
        } catch {
            close(self.directory)
            throw error
        }
        buffer.reserveCapacity(Self.bufferSize)
    }

    deinit {
        discard()
        close(directory)
    }

    /// Adds bytes. After a failure the file is discarded.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        if buffer.count + bytes.count > Self.bufferSize { try flush() }
        if bytes.count >= Self.bufferSize {
            try put(bytes)
        } else {
            buffer.append(contentsOf: bytes)
        }
    }

    /// Adds bytes. After a failure the file is discarded.
    package func write(_ bytes: [UInt8]) throws(Failure) {
        try bytes.withUnsafeBufferPointer { (elements) throws(Failure) in try write(UnsafeRawBufferPointer(elements)) }
    }

    /// Adds text as UTF-8. After a failure the file is discarded.
    package func write(_ text: String) throws(Failure) {
        try write(Array(text.utf8))
    }

    /// Puts everything on the disk and the file in its place. Nothing can be written afterwards.
    ///
    /// If only the last step fails, the synchronising of the directory, the file is in its place but may not outlast
    /// a loss of power; the failure's operation is `syncDirectory`.
    /// - Parameter beforeRename: called when all is written and nothing has its name yet: for tests of crashes.
    package func commit(beforeRename: () -> Void = {}) throws(Failure) {
        try flush()
        try finish(.sync) { fsync(descriptor) }
        let finished = descriptor
        descriptor = -1
        // On Linux an interrupted close has closed.
        try finish(.close) { close(finished) < 0 && errno != EINTR ? -1 : 0 }
        beforeRename()
        if replaced == .nothing {
            // A second name: unlike a rename, it refuses one that has appeared meanwhile.
            try finish(.rename) { linkat(directory, temporaryName, directory, name, 0) }
            discard()
        } else {
            try finish(.rename) { renameat(directory, temporaryName, directory, name) }
            isTemporaryThere = false
        }
        do throws(SystemError) { try Folder.sync(directory) } catch {
            throw Failure(.syncDirectory, path: path, error)
        }
    }

    /// Removes what was written so far. Harmless after `commit()`, and a second time.
    package func discard() {
        if descriptor >= 0 {
            close(descriptor)
            descriptor = -1
        }
        if isTemporaryThere {
            unlinkat(directory, temporaryName, 0)
            isTemporaryThere = false
        }
        buffer.removeAll()
    }

    // MARK: Steps

    private func flush() throws(Failure) {
        guard !buffer.isEmpty || descriptor < 0 else { return }
        try buffer.withUnsafeBufferPointer { (elements) throws(Failure) in try put(UnsafeRawBufferPointer(elements)) }
        buffer.removeAll(keepingCapacity: true)
    }

    private func put(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        guard descriptor >= 0 else { throw Failure(.write, path: path, errno: EBADF) }
        do throws(SystemError) { try SystemCall.writeAll(bytes, to: descriptor) } catch {
            discard()
            throw Failure(.write, path: path, error)
        }
    }

    /// Runs one of the last system calls; its failure discards the file.
    private func finish(_ operation: Operation, _ call: () -> Int32) throws(Failure) {
        do throws(SystemError) { try SystemCall.repeated(call) } catch {
            discard()
            throw Failure(operation, path: path, error)
        }
    }
}
