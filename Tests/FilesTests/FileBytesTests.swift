// Small files as a whole.

import Files
import Glibc
import TestSupport
import Testing

@Suite struct FileBytesTests {
    @Test(arguments: [0, 1, 65_536, 100_000]) func readsUpToItsBound(_ size: Int) throws {
        let folder = try TemporaryFolder()
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        let file = open(try folder.write("a", bytes), O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        #expect(try FileBytes.read(file, atMost: size) == bytes)
        lseek(file, 0, SEEK_SET)
        #expect(try size == 0 || FileBytes.read(file, atMost: size - 1) == nil)
    }

    @Test func saysWhatCannotBeRead() throws {
        let folder = open("/tmp", O_RDONLY | O_CLOEXEC)
        defer { close(folder) }
        #expect(throws: SystemError(EISDIR)) { try FileBytes.read(folder, atMost: 10) }
        #expect(throws: SystemError(EBADF)) { try FileBytes.read(-1, atMost: 10) }
    }
}
