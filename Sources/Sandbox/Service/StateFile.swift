// The links and the clock's offset on disk: loaded at start, replaced atomically when saved.
// Tokens, faults and the record are not in it.

import Files
import Foundation

/// What a state file holds.
struct StateFile: Codable {
    var version = 1
    var clockOffsetMilliseconds: Int64
    var links: [SandboxLink]

    /// Reads the file; nil when there is none.
    /// - Throws: ``SandboxError`` (`state_unreadable`) for a file that is no state; it is not touched.
    static func load(_ path: String) throws(SandboxError) -> StateFile? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            let file = try JSONDecoder().decode(StateFile.self, from: data)
            guard file.version == 1 else {
                throw SandboxError(
                    .stateUnreadable, "\(path) has version \(file.version); this sandbox reads version 1")
            }
            return file
        } catch let error as SandboxError {
            throw error
        } catch {
            throw SandboxError(.stateUnreadable, "\(path) is not a sandbox state file: \(error)")
        }
    }

    /// Replaces the file: written beside it, synced, then renamed over it.
    /// - Throws: ``SandboxError`` (`file_unwritable`); the file that was there remains.
    func save(_ path: String) throws(SandboxError) {
        let bytes: [UInt8]
        do { bytes = [UInt8](try JSONEncoder().encode(self)) } catch {
            throw SandboxError(.fileUnwritable, "the state cannot be encoded: \(error)")
        }
        do throws(AtomicFile.Failure) {
            let file = try AtomicFile(path: path, replacing: .anything)
            try file.write(bytes)
            try file.commit()
        } catch {
            // It is in its place, if not for ever.
            if error.operation == .syncDirectory { return }
            throw SandboxError(.fileUnwritable, "\(path): \(error.reason)")
        }
    }
}
