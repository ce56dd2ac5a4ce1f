// The text of a required module.

import Console
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
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(file, &block, block.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileAccess.Refusal(path, errno) }
            if count == 0 { break }
            bytes += block[..<count]
            guard bytes.count <= maximumSize else {
                throw FileAccess.Refusal(
                    code: "file_failed", message: "\(ShownText.path(path)) is larger than 16 MB", number: EFBIG)
            }
        }
        // What an editor puts before the first line is none of it.
        return Array(bytes.dropFirst(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0))
    }
}
