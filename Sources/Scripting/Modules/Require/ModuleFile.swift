// The text of a required module.

import Console
import Files
import Glibc

enum ModuleFile {
    static let maximumSize = 16 << 20

    /// A file's bytes without their byte order mark; `nil` when there is none.
    static func read(_ path: String, _ access: FileAccess) throws(FileAccess.Refusal) -> [UInt8]? {
        let file: Int32
        do throws(FileAccess.Refusal) { file = try access.openModule(path) } catch {
            if error.number == ENOENT { return nil }
            throw error
        }
        defer { close(file) }
        let read: [UInt8]?
        do throws(SystemError) { read = try FileBytes.read(file, atMost: maximumSize) } catch {
            throw FileAccess.Refusal(path, error.number)
        }
        guard let bytes = read else {
            throw FileAccess.Refusal(
                code: "file_failed", message: "\(ShownText.path(path)) is larger than 16 MB", number: EFBIG)
        }
        // What an editor puts before the first line is none of it.
        return Array(bytes.dropFirst(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0))
    }
}
