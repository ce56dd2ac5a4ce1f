// Files that grow: by one process, and by several that take turns.

import Files
import Glibc
import Synchronization
import TestSupport
import Testing

@Suite struct AppendedFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func addsToWhatIsThere() throws {
        for text in ["one\n", "two\n"] {
            let file = try AppendedFile(folder.file("record"))
            var bytes = Array(text.utf8)[...]
            try file.append(&bytes)
            #expect(bytes.isEmpty)
            try file.sync()
        }
        #expect(folder.content("record") == "one\ntwo\n")
        var status = stat()
        #expect(stat(folder.file("record"), &status) == 0 && status.st_mode & 0o7777 == 0o600)
        #expect(throws: SystemError(ENOENT)) { try AppendedFile(folder.file("no/record")) }
    }

    @Test func keepsWhatCouldNotBeWritten() throws {
        let file = try AppendedFile("/dev/full")
        var bytes = Array("one\n".utf8)[...]
        #expect(throws: SystemError(ENOSPC)) { try file.append(&bytes) }
        #expect(bytes == Array("one\n".utf8)[...])
    }

    @Test func oneHasTheFileUntilItLetsItGo() throws {
        let place = try Place(folder)
        var file: AppendedFile? = try place.locked()
        try file?.appendAtOnce(Array("a\n".utf8), size: 0)
        guard case .busy = place.open() else { throw NotAsExpected() }
        file = nil
        try place.locked().appendAtOnce(Array("b\n".utf8), size: 2)
        #expect(folder.content("shared") == "a\nb\n")
    }

    @Test func manyTakeTurns() async throws {
        let place = try Place(folder)
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for number in 0..<20 {
                        guard case .locked(let file) = place.open(within: .seconds(600)) else {
                            Issue.record("writer \(writer) did not get the file")
                            return
                        }
                        // Who is alone sees the size that it adds to.
                        var status = stat()
                        fstat(file.descriptor, &status)
                        do {
                            try file.appendAtOnce(
                                Array("\(status.st_size) \(writer) \(number)\n".utf8), size: status.st_size)
                        } catch { Issue.record(error) }
                    }
                }
            }
        }
        var size = 0
        let lines = try folder.read("shared").split(separator: "\n")
        for line in lines {
            #expect(line.hasPrefix("\(size) "))
            size += line.utf8.count + 1
        }
        #expect(lines.count == 160)
    }

    /// A writer that replaces the file as a whole takes no lock: what is then locked is no longer the file of the name.
    @Test func takesTheFileThatHasTheNameAtLast() throws {
        let place = try Place(folder)
        try folder.write("shared", "old\n")
        let opened = Mutex(0)
        let opening = AppendedFile.openLocked("shared", in: place.directory, within: .seconds(600)) { flags in
            let file = place.openFile(flags)
            let count = opened.withLock { count in
                count += 1
                return count
            }
            if count == 1 { rename(self.folder.file("shared"), self.folder.file("aside")) }
            return file
        }
        guard case .locked(let file) = opening else { throw NotAsExpected() }
        try file.appendAtOnce(Array("new\n".utf8), size: 0)
        #expect(opened.withLock { $0 } == 2)
        #expect(folder.content("aside") == "old\n")
        #expect(folder.content("shared") == "new\n")
    }

    @Test func sayWhyAFileIsNotOpened() throws {
        let place = try Place(folder)
        guard case .symbolicLink = AppendedFile.openLocked("x", in: place.directory, within: .zero, open: { _ in nil })
        else { throw NotAsExpected() }
        // What is open for reading alone cannot be locked.
        let opening = AppendedFile.openLocked("shared", in: place.directory, within: .zero) { _ in
            open("/dev/null", O_RDONLY | O_CLOEXEC)
        }
        guard case .failed(SystemError(EBADF)) = opening else { throw NotAsExpected() }
        #expect(throws: NotAsExpected.self) {
            try AppendedFile.openLocked("x", in: place.directory, within: .zero) { _ throws(NotAsExpected) in
                throw NotAsExpected()
            }
        }
    }

    /// A limit that no other test's files come near stands for a disk that is full after two bytes.
    @Test func takesBackWhatDidNotFit() throws {
        let place = try Place(folder), file = try place.locked()
        var former = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &former)
        let size = 1 << 40
        var limit = rlimit(rlim_cur: rlim_t(size), rlim_max: former.rlim_max)
        try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
        defer { setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &former) }
        try #require(ftruncate(file.descriptor, off_t(size - 2)) == 0)
        #expect(throws: SystemError(ENOSPC)) { try file.appendAtOnce([1, 2, 3, 4], size: size - 2) }
        var status = stat()
        #expect(fstat(file.descriptor, &status) == 0 && status.st_size == size - 2)
        try file.appendAtOnce([1, 2], size: size - 2)
    }

    @Test func saysThatTheDiskIsFull() throws {
        let directory = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(directory) }
        let opening = AppendedFile.openLocked("full", in: directory, within: .zero) { _ in
            open("/dev/full", O_RDWR | O_CLOEXEC)
        }
        guard case .locked(let file) = opening else { throw NotAsExpected() }
        #expect(throws: SystemError(ENOSPC)) { try file.appendAtOnce([1, 2, 3], size: 0) }
    }
}

private struct NotAsExpected: Error {}

/// The file `shared` of an open folder.
private final class Place: Sendable {
    let directory: Int32

    init(_ folder: TemporaryFolder) throws {
        directory = Glibc.open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        try #require(directory >= 0)
    }

    deinit { close(directory) }

    func openFile(_ flags: Int32) -> Int32 { openat(directory, "shared", flags | O_CLOEXEC, 0o600) }

    func open(within patience: Duration = .zero) -> AppendedFile.Opening {
        AppendedFile.openLocked("shared", in: directory, within: patience) { openFile($0) }
    }

    func locked() throws -> AppendedFile {
        // A program that another test is just starting has everything open until it has begun.
        guard case .locked(let file) = open(within: .seconds(60)) else { throw NotAsExpected() }
        return file
    }
}
