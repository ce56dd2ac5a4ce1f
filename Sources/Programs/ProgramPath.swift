// Where programs lie.

import Glibc

/// Finds programs as a shell does.
package enum ProgramPath {
    /// The path of a program: a name is looked up in the folders of `searchPath`, divided by colons, of which relative
    /// ones do not count; what has a slash is a path already.
    /// - Returns: `nil` when there is no such file, or none that this process may execute.
    package static func find(_ name: String, in searchPath: String) -> String? {
        guard !name.isEmpty, !name.utf8.contains(0) else { return nil }
        if name.utf8.contains(0x2F) { return isProgram(name) ? name : nil }
        for folder in searchPath.split(separator: ":") where folder.hasPrefix("/") {
            let path = "\(folder)/\(name)"
            if isProgram(path) { return path }
        }
        return nil
    }

    private static func isProgram(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }
}
