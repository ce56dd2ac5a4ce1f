// A folder that goes when nobody holds it any more.

import FoundationEssentials
import Glibc

/// A temporary folder of one test.
final class TestFolder {
    struct Failure: Error {
        let message: String
    }

    let path: String

    init() throws(Failure) {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/paylink-test.XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw Failure(message: "no folder for the test in \(base): \(String(cString: strerror(errno)))")
        }
        path = String(cString: made)
    }

    static func isFolder(_ path: String) -> Bool {
        var isFolder = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
