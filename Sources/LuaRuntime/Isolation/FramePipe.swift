// The parent's end of the socket to a script's own process: orders out, frames in, neither for ever.

import CLuaHost
import CPosix
import Glibc

/// Sends and receives frames. What a frame says is not judged here, only how long it is.
final class FramePipe {
    enum Problem: Error {
        /// The child closed its end.
        case ended
        case overdue(LuaStop)
        /// A frame of so many bytes was announced.
        case tooLong(Int)
        case failed(Int32)
    }

    struct Frame {
        var kind: UInt32
        /// Valid until the next frame is asked for.
        var bytes: UnsafeRawBufferPointer
    }

    private static let headerSize = MemoryLayout<lw_header>.size
    /// What is kept between turns.
    private static let kept = 1 << 20

    private let socket: Int32
    private let overdue: () -> LuaStop?
    private let largest: Int
    private var outgoing: [UInt8] = []
    private var base: UnsafeMutableRawPointer
    private var capacity = 64 << 10
    private var received = 0
    private var start = 0
    private var end = 0

    /// - Parameters:
    ///   - largest: bytes of the longest frame that is taken.
    ///   - overdue: asked now and then while nothing comes.
    init(socket: Int32, largest: Int, overdue: @escaping () -> LuaStop?) {
        self.socket = socket
        self.largest = largest
        self.overdue = overdue
        base = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    /// Adds an order, which leaves with the next ``flush(descriptor:)``.
    func put(_ kind: lw_order, _ parts: UnsafeRawBufferPointer...) {
        let count = parts.reduce(0) { $0 + $1.count }
        let header = lw_header(count: UInt32(clamping: count), kind: kind.rawValue)
        withUnsafeBytes(of: header) { outgoing.append(contentsOf: $0) }
        for part in parts { outgoing.append(contentsOf: part) }
    }

    /// - Parameter descriptor: an open file that goes along, or -1.
    func flush(descriptor: Int32 = -1) throws(Problem) {
        var sent = 0
        var descriptor = descriptor
        while sent < outgoing.count {
            let result = outgoing.withUnsafeBytes {
                cposix_send(socket, $0.baseAddress! + sent, $0.count - sent, descriptor)  // Safe because: not empty.
            }
            guard result > 0 else {
                try look(-Int32(truncatingIfNeeded: result))
                continue
            }
            sent += result
            descriptor = -1
        }
        outgoing.removeAll(keepingCapacity: outgoing.count < Self.kept)
    }

    /// The next frame. What one announces is compared with ``largest`` before there is room made for it.
    func next() throws(Problem) -> Frame {
        try need(Self.headerSize)
        let header = base.loadUnaligned(fromByteOffset: start, as: lw_header.self)
        let count = Int(header.count)
        guard count <= largest else { throw .tooLong(count) }
        try need(Self.headerSize + count)
        let bytes = UnsafeRawBufferPointer(start: base + start + Self.headerSize, count: count)
        start += Self.headerSize + count
        return Frame(kind: header.kind, bytes: bytes)
    }

    /// Whether the child has said more than its turn allows. To be asked when it gives the turn back.
    var hasMore: Bool { start < end }

    private func need(_ count: Int) throws(Problem) {
        if start == end {
            start = 0
            end = 0
            if capacity > Self.kept, count < Self.kept { move(to: 64 << 10) }
        }
        if start + count > capacity, start > 0 {
            memmove(base, base + start, end - start)
            end -= start
            start = 0
        }
        while end - start < count {
            // Room comes as bytes do: an announced length alone takes no memory.
            if end == capacity { move(to: min(capacity * 2, max(count, capacity + 1))) }
            let result = cposix_receive(socket, base + end, capacity - end)
            if result == 0 { throw .ended }
            guard result > 0 else {
                try look(-Int32(truncatingIfNeeded: result))
                continue
            }
            end += result
            // One that never stops talking is late, too.
            received += 1
            if received % 32 == 0, let stop = overdue() { throw .overdue(stop) }
        }
    }

    private func move(to count: Int) {
        let other = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 16)
        other.copyMemory(from: base + start, byteCount: end - start)
        base.deallocate()
        base = other
        capacity = count
        end -= start
        start = 0
    }

    private func look(_ code: Int32) throws(Problem) {
        switch code {
        case EAGAIN, EINTR: if let stop = overdue() { throw .overdue(stop) }
        case EPIPE, ECONNRESET: throw .ended
        default: throw .failed(code)
        }
    }
}
