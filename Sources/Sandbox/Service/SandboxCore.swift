// The one owner of what changes in a sandbox: clock, service state, faults and record, behind one lock.
// Each call is a few microseconds of pure work; nothing waits while the lock is held.

import Synchronization

/// The sandbox without its socket: shared by the HTTP side, the in-process API and the keeper of its files.
final class SandboxCore: Sendable {
    /// Everything that changes.
    struct Interior: Sendable {
        var clock: SandboxClock
        var state: SandboxState
        var faults: FaultBook
        var record: RecordBook
        var wire: WireFormat
        /// Why a file could not be written lately.
        var fileProblem: String?
    }

    let options: SandboxOptions
    private let interior: Mutex<Interior>

    init(
        options: SandboxOptions,
        restored: StateFile? = nil,
        seed: UInt64 = UInt64.random(in: .min ... .max),
        wall: @escaping @Sendable () -> SandboxInstant = SandboxClock.realTime
    ) {
        self.options = options
        let offset = Duration.milliseconds(restored?.clockOffsetMilliseconds ?? 0)
        var faults = FaultBook(seed: options.faultSeed)
        for fault in options.faults { _ = faults.add(fault) }
        // Not part of the clock's own offset: that is saved, and this is said anew at every start.
        let ahead = options.clockOffset
        let shiftedWall: @Sendable () -> SandboxInstant = { wall() + ahead }
        let ruled = faults
        interior = Mutex(
            Interior(
                clock: SandboxClock(offset: offset, wall: shiftedWall),
                state: SandboxState(options: options, seed: seed, links: restored?.links ?? []),
                faults: ruled,
                record: RecordBook(keepsBytes: options.recordFile != nil),
                wire: WireFormat(options: options, baseURL: options.publicBaseURL ?? "")
            )
        )
    }

    /// Does something at the sandbox's present instant: payments that are due come first, and whatever happened
    /// to links is in the record before anyone else can look.
    func perform<Result: Sendable, Failure: Error>(
        _ work: (inout Interior, SandboxInstant) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try interior.withLock { interior throws(Failure) in
            let now = interior.clock.now()
            interior.state.payDueLinks(now: now)
            interior.recordEvents()
            defer { interior.recordEvents() }
            return try work(&interior, now)
        }
    }

    /// The address in replies, once the port is known.
    func settle(baseURL: String) {
        perform { interior, _ in interior.wire.baseURL = baseURL }
    }
}

extension SandboxCore.Interior {
    fileprivate mutating func recordEvents() {
        for event in state.takeEvents() { record.append(RecordEntry(event)) }
    }
}
