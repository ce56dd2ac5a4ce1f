// Where a worker stands, in memory that outlives it: the number of the input that it was running when it died.

import Glibc
import Seeded

/// One page that is shared between the driver and one worker, behind an open file without a name.
struct Progress {
    let descriptor: Int32
    private let words: UnsafeMutablePointer<UInt64>

    private static let size = 4_096

    /// Makes the page.
    init() throws {
        var name = Array("/tmp/paylink-fuzz-XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        guard descriptor >= 0, unlink(name) == 0, ftruncate(descriptor, off_t(Self.size)) == 0 else {
            throw FuzzFailure(description: "no temporary file: \(Output.reason)")
        }
        try self.init(descriptor: descriptor)
    }

    /// Maps a page that the driver made.
    init(descriptor: Int32) throws {
        self.descriptor = descriptor
        let memory = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let memory, memory != MAP_FAILED else {
            throw FuzzFailure(description: "no shared memory: \(Output.reason)")
        }
        words = memory.bindMemory(to: UInt64.self, capacity: Self.size / 8)
    }

    /// The input that runs, or the last one that ran.
    var index: UInt64 {
        get { words[0] }
        nonmutating set { words[0] = newValue }
    }
}
