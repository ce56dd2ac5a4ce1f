// Which files are meant by paths: those that are named, and in folders those whose names say so.

import Files
import FoundationEssentials
import Glibc

enum TestFiles {
    struct Problem: Error {
        let message: String
    }

    /// Paths of files, each folder's sorted; folders whose names begin with a dot, and `node_modules`, are passed over.
    /// - Parameter isWanted: which files of folders are meant.
    static func find(
        _ paths: [String], where isWanted: (String) -> Bool = isTest
    ) throws(Problem) -> [String] {
        var found: [String] = []
        for path in paths {
            var isFolder = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw Problem(message: "\(path): there is no such file or folder")
            }
            if isFolder { try search(path, isWanted, &found) } else { found.append(path) }
        }
        var seen: Set<String> = []
        return found.filter { seen.insert($0).inserted }
    }

    static func isTest(_ name: String) -> Bool { name.hasSuffix("_test.lua") || name.hasSuffix("_spec.lua") }

    /// Adds the files below a folder whose names are wanted.
    static func search(
        _ folder: String, _ isWanted: (String) -> Bool, _ found: inout [String]
    ) throws(Problem) {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } catch {
            throw Problem(message: "\(folder): it cannot be read")
        }
        for name in names where !name.hasPrefix(".") && name != "node_modules" {
            let path = folder == "." ? name : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            var isFolder = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { continue }
            if isFolder {
                try search(path, isWanted, &found)
            } else if isWanted(name), let opened = try? OrdinaryFile.open(path) {
                close(opened.file)
                found.append(path)
            }
        }
    }
}
