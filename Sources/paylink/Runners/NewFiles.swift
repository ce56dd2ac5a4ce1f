// Files for a person: made below a folder, each complete or not at all.

import Console
import Files
import FoundationEssentials
import Glibc

enum NewFiles {
    struct File {
        /// Below the folder; may hold slashes.
        var name: String
        var bytes: [UInt8]
    }

    struct Problem: Error {
        var message: String
    }

    /// Whether a project may be made there: nothing is of that name, or an empty folder.
    static func isFree(_ path: String) -> Bool {
        access(path, F_OK) != 0 || (try? FileManager.default.contentsOfDirectory(atPath: path))?.isEmpty == true
    }

    /// Replaces what is there of the same names.
    static func write(_ files: [File], below folder: String) throws(Problem) {
        for file in files {
            let path = folder + "/" + file.name
            try makeFolder(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
            do throws(AtomicFile.Failure) {
                let written = try AtomicFile(path: path)
                try written.write(file.bytes)
                try written.commit()
            } catch {
                throw Problem(message: "\(error)")
            }
        }
    }

    /// With the folders above it, of the usual mode.
    private static func makeFolder(_ path: String) throws(Problem) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += (made.isEmpty || made == "/" ? "" : "/") + part
            guard mkdir(made, 0o777) == 0 || errno == EEXIST else {
                throw Problem(message: "\(ShownText.path(made)): \(SystemError.last)")
            }
        }
    }
}
