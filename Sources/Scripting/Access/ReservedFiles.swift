// The host's own files: settings, secrets, ledgers and what belongs to them. Out of reach for a script whatever it may
// read and write otherwise, whether or not they are there yet.

import Files
import Glibc

/// Files that no script reads, writes, makes, renames or removes.
public struct ReservedFiles: Sendable {
    /// Files in a folder, by the end of their names.
    public struct Folder: Sendable, Hashable {
        public var path: String
        /// "" for everything below it, else what is meant ends so.
        public var suffix: String

        public init(_ path: String, suffix: String = "") {
            self.path = path
            self.suffix = suffix
        }
    }

    /// As they were given, for their identity at the moment of the question: they may come and go.
    private let files: [String]
    private let folders: [Folder]
    private let places: Set<[UInt8]>

    public static let none = ReservedFiles([])

    public init(_ files: [String], folders: [Folder] = []) {
        self.files = files
        var known = RealPath.Places()
        self.folders = folders.map { Folder(known.place($0.path) ?? $0.path, suffix: $0.suffix) }
        // A link to a file stands for both: whoever replaces the link has the say as well.
        places = Set(
            files.flatMap { [$0, known.unresolved($0), known.place($0)].compactMap { $0 } }.map(Self.place))
    }

    /// - Parameters:
    ///   - real: an absolute path without links.
    ///   - status: what is there; `nil` if nothing is.
    func contains(_ real: String, _ status: stat?) -> Bool {
        if places.contains(Self.place(real)) { return true }
        let name = RealPath.folded(RealPath.split(real).name)
        let isBelow = folders.contains { folder in
            RealPath.isBelow(real, folder.path) && !RealPath.isSame(real, folder.path)
                && name.suffix(folder.suffix.utf8.count).elementsEqual(folder.suffix.utf8)
        }
        if isBelow { return true }
        guard let status else { return false }
        if files.contains(where: { Self.isSame($0, status) }) { return true }
        // By another name: only a file with several can be one of those that are known by their folder.
        return status.st_nlink > 1 && folders.contains { Self.holds($0, status) }
    }

    private static func place(_ path: String) -> [UInt8] {
        let (folder, name) = RealPath.split(path)
        return Array(folder.utf8) + [UInt8(ascii: "/")] + RealPath.folded(name)
    }

    static func isSame(_ path: String, _ status: stat) -> Bool { FileIdentity(status).isAt(path) }

    private static func holds(_ folder: Folder, _ status: stat) -> Bool {
        guard let entries = opendir(folder.path) else { return false }
        defer { closedir(entries) }
        while let entry = readdir(entries) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
            }
            if name.hasSuffix(folder.suffix), isSame(RealPath.join(folder.path, name), status) { return true }
        }
        return false
    }
}
