// Whether programs that a test started, and their children, are still there: all of them hold the end of one pipe.

import Glibc
import TestSupport
import Testing

final class LivingPrograms {
    /// A named pipe, for each program to open for writing.
    let path: String
    private let reading: Int32

    init(_ folder: TemporaryFolder) throws {
        path = folder.file("living")
        try #require(mkfifo(path, 0o600) == 0)
        reading = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        try #require(reading >= 0)
    }

    deinit { close(reading) }

    /// Waits until none of them holds the pipe any more; at least one must have opened it.
    func haveEnded() -> Bool {
        var wait = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
        return poll(&wait, 1, 10_000) == 1 && wait.revents & Int16(POLLHUP) != 0
    }
}
