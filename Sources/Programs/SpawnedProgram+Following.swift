// Follows a program to its end: gathers what it prints, within bounds, and ends it when its time is over. Blocks.

import Glibc

extension SpawnedProgram {
    /// How long a program that was asked to end may take before it is killed.
    private static let grace = Duration.seconds(1)

    /// Starts a program and follows it to its end. Blocks.
    package static func run(_ call: ProgramCall) throws(ProgramFailure) -> ProgramResult {
        try start(call).follow(call).get()
    }

    /// Reads until the program has ended. To be called once, on a thread that may block.
    package func follow(_ call: ProgramCall) -> Result<ProgramResult, ProgramFailure> {
        let clock = ContinuousClock()
        let deadline = clock.now + call.timeout
        var killAt: ContinuousClock.Instant?
        var failure: ProgramFailure?
        var out = Drain(output), err = Drain(errors)
        func end(_ code: ProgramFailure.Code, _ message: String) {
            failure = failure ?? ProgramFailure(code: code, message: message)
            stop()
        }
        let tooMuch = "printed more than \(call.maximumOutput) bytes"
        while true {
            // Whether it has ended is asked first: what it wrote before is then surely in the pipes.
            let isOver = hasEnded
            out.read(limit: call.maximumOutput)
            err.read(limit: call.keptErrors ?? 0)
            if isOver { break }
            if out.isTooMuch, failure == nil { end(.outputTooLarge, tooMuch) }
            let now = clock.now
            if now >= deadline, failure == nil { end(.timeout, "did not end within \(call.timeout)") }
            if isStopped {
                failure = failure ?? ProgramFailure(code: .cancelled, message: "was ended")
                if let killAt, now >= killAt { stop(SIGKILL) }
                if killAt == nil { killAt = now + Self.grace }
            }
            pause(&out, &err)
        }
        let end = reap()
        if failure == nil, out.isTooMuch { failure = ProgramFailure(code: .outputTooLarge, message: tooMuch) }
        guard var failure else {
            return .success(
                ProgramResult(end: end, output: out.bytes, errors: err.bytes, tookAllInput: tookAllInput))
        }
        failure.output = out.bytes
        failure.errors = err.bytes
        failure.tookAllInput = tookAllInput
        return .failure(failure)
    }

    /// Until there is something to read; a little at most, since the end of a program makes no pipe readable when a
    /// child of it holds the other end.
    private func pause(_ out: inout Drain, _ err: inout Drain) {
        var waits = [out, err].filter { !$0.isAtEnd }.map {
            pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
        }
        _ = poll(&waits, nfds_t(waits.count), waits.isEmpty ? 2 : 20)
    }
}

/// What came through one pipe, up to a bound.
private struct Drain {
    let descriptor: Int32
    private(set) var bytes: [UInt8] = []
    private(set) var isAtEnd: Bool
    /// More came than was kept.
    private(set) var isTooMuch = false

    /// - Parameter descriptor: -1 stands for nothing to read.
    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        isAtEnd = descriptor < 0
    }

    mutating func read(limit: Int) {
        guard !isAtEnd else { return }
        var block = [UInt8](repeating: 0, count: 1 << 16)
        // Bounded, so that a program that never stops printing does not keep its reader from looking at the clock.
        for _ in 0..<64 where !isAtEnd {
            let count = block.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 {
                isAtEnd = count == 0 || errno != EAGAIN
                return
            }
            let room = limit - bytes.count
            if count > room { isTooMuch = true }
            bytes += block[..<min(count, max(room, 0))]
        }
    }
}
