// Which file it is, whatever its names; folders that are made and put on the disk.

import Files
import Glibc
import TestSupport
import Testing

@Suite struct FileIdentityTests {
    @Test func isTheSameUnderEveryName() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("a", "1")
        link(path, folder.file("b"))
        symlink("a", folder.file("c"))
        try folder.write("d", "1")
        let file = try #require(FileIdentity(path))
        #expect(file.isAt(folder.file("b")) && file.isAt(folder.file("c")) && file.isAt(folder.path + "/./a"))
        #expect(!file.isAt(folder.file("d")) && !file.isAt(folder.file("e")))
        #expect(FileIdentity(folder.file("c"), followsLinks: false) != file)

        let directory = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(directory) }
        #expect(FileIdentity("b", in: directory) == file)
        #expect(FileIdentity("c", in: directory) != file && FileIdentity("c", in: directory) != nil)
        #expect(FileIdentity("e", in: directory) == nil && FileIdentity(folder.file("e")) == nil)
        #expect(FileIdentity(of: directory) == FileIdentity(folder.path) && FileIdentity(of: -1) == nil)
    }

    @Test func foldersAreMadeOnceForTheirOwner() throws {
        let folder = try TemporaryFolder()
        try Folder.make(folder.file("jobs"))
        var status = stat()
        #expect(stat(folder.file("jobs"), &status) == 0 && status.st_mode & 0o7777 == 0o700)
        chmod(folder.file("jobs"), 0o750)
        try Folder.make(folder.file("jobs"))
        #expect(stat(folder.file("jobs"), &status) == 0 && status.st_mode & 0o7777 == 0o750)
        try Folder.sync(folder.path)
        #expect(throws: SystemError(ENOENT)) { try Folder.make(folder.file("no/jobs")) }
        #expect(throws: SystemError(ENOENT)) { try Folder.sync(folder.file("no")) }
        #expect(throws: SystemError(EBADF)) { try Folder.sync(-1) }
    }
}
