// A folder that goes when the test lets go of it.

package import Foundation

package final class TemporaryFolder: Sendable {
    /// Held while a file is open for writing. Whoever starts programs holds it meanwhile: a child that inherits the
    /// open file would keep others from executing it.
    package static let turn = NSLock()

    package let path: String

    package init() throws {
        path = NSTemporaryDirectory() + "paylink-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    package func file(_ name: String) -> String { path + "/" + name }

    /// Writes a file and gives its path.
    @discardableResult
    package func write(_ name: String, _ bytes: some Sequence<UInt8>, mode: mode_t = 0o644) throws -> String {
        try Self.turn.withLock { try Data(bytes).write(to: URL(fileURLWithPath: file(name))) }
        chmod(file(name), mode)
        return file(name)
    }

    @discardableResult
    package func write(_ name: String, _ text: String, mode: mode_t = 0o644) throws -> String {
        try write(name, text.utf8, mode: mode)
    }

    package func append(_ name: String, _ text: String) throws {
        try write(name, ((try? read(name)) ?? "") + text)
    }

    package func read(_ name: String) throws -> String { try String(contentsOfFile: file(name), encoding: .utf8) }

    /// The file's text; `nil` where it is not there.
    package func content(_ name: String) -> String? { try? read(name) }

    package var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}
