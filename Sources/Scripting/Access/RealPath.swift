// Paths as the system understands them: with every symbolic link resolved, and compared byte by byte.

import Glibc

/// Where a path leads.
enum RealPath {
    /// `nil`: it leads nowhere.
    static func resolve(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    /// Where the name itself is, whatever it leads to; `nil` if its folder is not there.
    static func unresolved(_ path: String) -> String? {
        let (parent, name) = split(path)
        guard !name.isEmpty, name != ".", name != "..", let folder = resolve(parent) else { return nil }
        return join(folder, name)
    }

    /// Where a file is or would be: resolved as far as the path exists, and taken as it stands from there on.
    static func place(_ path: String) -> String? {
        var rest: [String] = []
        var path = path
        while true {
            if let real = resolve(path) { return rest.reversed().reduce(real, join) }
            let (parent, name) = split(path)
            guard !name.isEmpty, name != "..", parent != path else { return nil }
            if name != "." { rest.append(name) }
            path = parent
        }
    }

    /// The same for many paths, whose folders are looked up once.
    struct Places {
        /// By their bytes: what Unicode holds for the same are different folders.
        private var folders: [[UInt8]: String?] = [:]

        mutating func place(_ path: String) -> String? {
            let (parent, name) = RealPath.split(path)
            var status = stat()
            // What leads elsewhere, or has no name of its own, is the system's to follow.
            guard !name.isEmpty, name != ".", name != "..",
                lstat(path, &status) != 0 || status.st_mode & S_IFMT != S_IFLNK
            else { return RealPath.place(path) }
            return folder(parent).map { RealPath.join($0, name) }
        }

        mutating func unresolved(_ path: String) -> String? {
            let (parent, name) = RealPath.split(path)
            guard !name.isEmpty, name != ".", name != ".." else { return nil }
            return folder(parent).map { RealPath.join($0, name) }
        }

        private mutating func folder(_ path: String) -> String? {
            let key = Array(path.utf8)
            if let known = folders[key] { return known }
            let found = RealPath.place(path)
            folders[key] = .some(found)
            return found
        }
    }

    /// Where an open file is.
    static func of(_ file: Int32) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        // Safe because: the buffer is not empty.
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { readlink("/proc/self/fd/\(file)", $0.baseAddress!, $0.count) }
        }
        guard count > 0, count < buffer.count else { return nil }
        return String(validating: buffer[..<count], as: UTF8.self)
    }

    /// By bytes, as the system does: to Swift a slash with an accent behind it is another character.
    static func split(_ path: String) -> (parent: String, name: String) {
        let bytes = Array(path.utf8)
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        return (
            slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self),
            String(decoding: bytes[(slash + 1)...], as: UTF8.self)
        )
    }

    static func join(_ folder: String, _ name: String) -> String {
        folder == "/" ? "/" + name : folder + "/" + name
    }

    /// Names that Unicode holds for the same are different files.
    static func isSame(_ one: String, _ other: String) -> Bool { one.utf8.elementsEqual(other.utf8) }

    /// A name as a file system sees it for which case, and dots or spaces at the end, make no difference.
    static func folded(_ name: String) -> [UInt8] {
        var bytes = name.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        while let last = bytes.last, last == UInt8(ascii: ".") || last == UInt8(ascii: " ") { bytes.removeLast() }
        return bytes
    }

    static func isBelow(_ path: String, _ folder: String) -> Bool {
        let path = Array(path.utf8), folder = Array(folder.utf8)
        return folder == [UInt8(ascii: "/")]
            || path.starts(with: folder) && (path.count == folder.count || path[folder.count] == UInt8(ascii: "/"))
    }
}
