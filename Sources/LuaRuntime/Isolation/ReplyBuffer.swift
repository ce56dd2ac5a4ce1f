// Encoded values on their way to a child: a buffer that no Lua state owns.

import CLuaHost
import Glibc

/// A buffer for replies, used again and again.
final class ReplyBuffer {
    private static let kept = 1 << 20
    private let raw: UnsafeMutablePointer<lh_buffer>

    init() {
        raw = .allocate(capacity: 1)
        raw.initialize(to: lh_buffer())
    }

    deinit {
        lh_drop(raw)
        raw.deallocate()
    }

    /// The buffer with nothing in it.
    func emptied() -> UnsafeMutablePointer<lh_buffer> {
        if raw.pointee.capacity > Self.kept { lh_drop(raw) }
        let left = takeDescriptor()
        if left >= 0 { close(left) }
        raw.pointee.count = 0
        raw.pointee.failed = 0
        return raw
    }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: raw.pointee.bytes, count: raw.pointee.count) }

    /// The open file that the reply hands over, or -1; it is the caller's then.
    func takeDescriptor() -> Int32 {
        defer { raw.pointee.descriptor = 0 }
        return raw.pointee.descriptor - 1
    }
}
