// Lines that were typed in this session and those before, in a file that its owner alone may read.

import Files
import Glibc

/// The history's file: one line each, the newest last. Several sessions may add to it.
struct ReplHistory {
    static let most = 1_000
    private static let largest = 16 << 20

    private let directory: String
    private let name = "repl_history"

    /// `nil`: nobody says where it would lie.
    init?(environment: (String) -> String?) {
        if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") {
            directory = state + "/paylink"
        } else if let home = environment("HOME"), home.hasPrefix("/") {
            directory = home + "/.local/state/paylink"
        } else {
            return nil
        }
    }

    var path: String { directory + "/" + name }

    /// The lines of former sessions, the newest last. A file with many more is cut down to these.
    func load() -> [String] {
        guard let file = open(creating: false),
            let bytes = try? FileBytes.read(file.descriptor, atMost: Self.largest)
        else { return [] }
        let all = bytes.split(separator: UInt8(ascii: "\n"))
        let lines = all.suffix(Self.most).map { String(decoding: $0, as: UTF8.self) }
        if all.count > Self.most { withExtendedLifetime(file) { try? replace(lines) } }
        return lines
    }

    /// Adds a line.
    func add(_ line: String) {
        guard let file = open(creating: true) else { return }
        var bytes = Array((line + "\n").utf8)[...]
        try? file.append(&bytes)
    }

    static func canKeep(_ line: String) -> Bool {
        !line.isEmpty && line.utf8.count <= 4_000 && !line.utf8.contains { $0 < 0x20 && $0 != 0x09 }
    }

    /// The file, ours until it is let go: whoever cuts it down loses nobody's line.
    private func open(creating: Bool) -> AppendedFile? {
        if creating { makeFolders() }
        let folder = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return nil }
        defer { close(folder) }
        let opening = try? AppendedFile.openLocked(name, in: folder, within: .milliseconds(200)) {
            (flags) throws(SystemError) -> Int32? in
            let flags = creating ? flags : flags & ~O_CREAT
            let file = openat(folder, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o600)
            guard file >= 0 else { throw SystemError.last }
            fchmod(file, 0o600)
            return file
        }
        if case .locked(let file)? = opening { return file }
        return nil
    }

    private func makeFolders() {
        var path = ""
        for part in directory.split(separator: "/") {
            path += "/" + part
            try? Folder.make(path)
        }
    }

    private func replace(_ lines: [String]) throws(AtomicFile.Failure) {
        let file = try AtomicFile(path: path)
        try file.write(lines.joined(separator: "\n") + "\n")
        try file.commit()
    }
}
