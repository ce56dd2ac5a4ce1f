// Locks of files: who has one, who waits in vain, and that they go with whoever held them.

import Files
import Glibc
import TestSupport
import Testing

@Suite struct FileLockTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("a.lock")
    }

    @Test func onlyOneHasAFile() throws {
        let first = try FileLock(path), second = try FileLock(path)
        #expect(try first.take())
        #expect(try !second.take())
        #expect(try second.isTaken())
        #expect(try !first.isTaken(), "one's own lock is not somebody else's")
        #expect(try first.take(), "it is taken already, by the same")
        first.give()
        #expect(try !second.isTaken())
        #expect(try second.take())
        #expect(try !first.take())
    }

    @Test func bytesAreTakenOneByOne() throws {
        let first = try FileLock(path), second = try FileLock(path)
        #expect(try first.take(.byte(1)))
        #expect(try first.take(.byte(1 << 40)))
        #expect(try !second.take(.byte(1)))
        #expect(try second.take(.byte(0)))
        #expect(try second.take(.byte(2)))
        #expect(try second.isTaken(.byte(1 << 40)))
        #expect(try !second.take(.whole), "some of it is somebody else's")
        first.give(.byte(1))
        #expect(try second.take(.byte(1)))
    }

    @Test func goesWhenItIsReleasedOrLetGo() throws {
        let second = try FileLock(path)
        var first: FileLock? = try FileLock(path)
        #expect(try first?.take() == true)
        first = nil
        #expect(try second.takeSoon())
        second.release()
        second.release()
        #expect(try FileLock(path).takeSoon())
        #expect(throws: SystemError(EBADF)) { try second.take() }
        #expect(throws: SystemError(EBADF)) { try second.isTaken() }
        #expect(second.identity == nil && !second.hasItsName)
    }

    /// With the older locks of fcntl, closing any descriptor of a file frees them all.
    @Test func staysWhenTheSameProcessClosesTheFileElsewhere() throws {
        let first = try FileLock(path)
        #expect(try first.take())
        close(open(path, O_RDWR | O_CLOEXEC))
        try FileLock(path).release()
        #expect(try FileLock(path).isTaken())
        withExtendedLifetime(first) {}
    }

    @Test func goesWithTheProcessThatHeldIt() throws {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        #expect(try FileLock.take(of: file))
        let holder = try Sleeper(inheriting: file)
        close(file)
        let other = try FileLock(path)
        #expect(try !other.take(), "the other process still has the file open")
        holder.end()
        #expect(try other.takeSoon())
    }

    @Test func programsDoNotInheritIt() throws {
        var lock: FileLock? = try FileLock(path)
        #expect(try lock?.take() == true)
        let program = try Sleeper()
        lock = nil
        #expect(try FileLock(path).takeSoon(), "the program has kept the lock")
        program.end()
    }

    @Test func knowsWhenItsNameIsGone() throws {
        let lock = try FileLock(path)
        #expect(lock.hasItsName)
        unlink(path)
        #expect(!lock.hasItsName)
        try folder.write("a.lock", "")
        #expect(!lock.hasItsName)
        #expect(lock.identity != nil && lock.identity != FileIdentity(path))
    }

    @Test func isForItsOwnerOnlyAndFollowsNoLink() throws {
        _ = try FileLock(path)
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o7777 == 0o600 && status.st_size == 0)
        symlink("a.lock", folder.file("link"))
        #expect(throws: SystemError(ELOOP)) { try FileLock(folder.file("link")) }
        #expect(throws: SystemError(ENOENT)) { try FileLock(folder.file("no/a.lock")) }
    }
}

extension FileLock {
    /// A program that another test is just starting has everything open until it has begun, locks that were let go
    /// meanwhile among it.
    fileprivate func takeSoon() throws -> Bool {
        for _ in 0..<500 {
            if try take() { return true }
            usleep(10_000)
        }
        return false
    }
}

/// A process that does nothing until it is killed.
private final class Sleeper {
    private var process = pid_t()

    /// - Parameter file: what it has open besides, as its descriptor 3.
    init(inheriting file: Int32? = nil) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let file { posix_spawn_file_actions_adddup2(&actions, file, 3) }
        var words: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("1000"), nil]
        defer { for word in words { free(word) } }
        try #require(posix_spawnp(&process, "sleep", &actions, nil, &words, nil) == 0)
    }

    deinit { end() }

    func end() {
        guard process > 0 else { return }
        kill(process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        process = 0
    }
}
