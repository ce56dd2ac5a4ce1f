// Files without a name: what is written is read again, and nothing is left in the folder.

import Glibc
import TestSupport
import Testing

@testable import Files

@Suite struct UnnamedFileTests {
    @Test func readsWhatWasWrittenAndLeavesNothing() throws {
        let folder = try TemporaryFolder()
        let file = try UnnamedFile(in: [folder.file("no"), folder.path])
        #expect(file.folder == folder.path)
        #expect(folder.names.isEmpty)
        try file.append(Array("abc".utf8))
        try file.append([UInt8](repeating: 7, count: 1 << 20))
        try file.append([])
        #expect(try read(file, at: 1, 4) == [0x62, 0x63, 7, 7])
        #expect(try read(file, at: 2 + 1 << 20, 4) == [7])
        #expect(try read(file, at: 3 + 1 << 20, 4) == [])
        #expect(folder.names.isEmpty)
    }

    /// procfs has no files without a name; nor does it take others.
    @Test func saysWhyTheLastFolderWouldNot() throws {
        let folder = try TemporaryFolder()
        try folder.write("file", "")
        #expect(throws: SystemError(ENOENT)) { try UnnamedFile(in: []) }
        #expect(throws: SystemError(ENOTDIR)) { try UnnamedFile(in: [folder.file("no"), folder.file("file")]) }
        #expect(throws: SystemError.self) { try UnnamedFile(in: ["/proc"]) }
    }

    @Test func aNameThatLivesForAMomentIsGone() throws {
        let folder = try TemporaryFolder()
        let file = try UnnamedFile.makeForAMoment(in: folder.path)
        defer { close(file) }
        var status = stat()
        #expect(fstat(file, &status) == 0 && status.st_nlink == 0 && status.st_mode & 0o7777 == 0o600)
        #expect(fcntl(file, F_GETFD) & FD_CLOEXEC != 0)
        #expect(folder.names.isEmpty)
    }

    private func read(_ file: UnnamedFile, at offset: Int, _ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let taken = try bytes.withUnsafeMutableBytes { try file.read(at: offset, into: $0) }
        return Array(bytes.prefix(taken))
    }
}
