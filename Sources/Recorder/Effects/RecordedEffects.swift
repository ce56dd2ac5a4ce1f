// Effects through the ledger: what runs once, and what is known of it after a crash.

import Advice
import Console
package import Ledger
import NIOCore

/// Who asked to run an effect, for the host that owns the tasks.
package struct EffectWaiter: Sendable, Hashable {
    package var task: UInt32
    package var generation: UInt32

    package init(task: UInt32, generation: UInt32) {
        self.task = task
        self.generation = generation
    }
}

extension RecordedLinks {
    /// Asks to run an effect. Waits while another task or another process is at it.
    ///
    /// A caller that is granted it calls ``finishEffect(_:_:_:)`` and in any case ``leaveEffect(_:_:)``.
    /// - Returns: how to abandon the wait.
    package func claimEffect(
        _ claim: EffectClaim, for waiter: EffectWaiter,
        _ done: @escaping (Result<EffectClaimAnswer, LedgerError>) -> Void
    ) -> () -> Void {
        let wait = EffectWait(self, claim, waiter, done)
        wait.begin()
        return { wait.cancel() }
    }

    package func finishEffect(
        _ row: EffectRow, _ outcome: EffectOutcome, _ done: @escaping (LedgerError?) -> Void
    ) {
        CrashPoint.insideEffect.reached()
        record(end: row, outcome, done)
    }

    /// Records the end of an effect, or keeps it until the ledger takes it.
    fileprivate func record(
        end row: EffectRow, _ outcome: EffectOutcome, _ done: @escaping (LedgerError?) -> Void
    ) {
        ledger.submit(.finishEffect(row, outcome)) { [self] result in
            guard case .failure(let error) = result else {
                let key = begunEffects.removeValue(forKey: row)
                if case .success(.changed(false)) = result { warnOfLoss(key) }
                return done(nil)
            }
            let subject = begunEffects[row].map { UnrecordedEnds.Subject.effect($0) } ?? .keyless
            ends.keep(.finishEffect(row, outcome), of: subject) { [self] in begunEffects[row] = nil }
            done(error)
        }
    }

    /// Somebody else has taken this run for dead, or has decided of the effect: what it did is not in the record.
    private func warnOfLoss(_ key: [UInt8]?) {
        let fields = key.map { [(name: "effect", value: String(decoding: $0, as: UTF8.self))] } ?? []
        warn(
            LogMessage(
                level: .warn,
                text: "what an effect did is not recorded: it was settled or taken over by somebody else meanwhile; "
                    + "\(words(.doubtList)) shows it", fields: fields))
    }

    /// The effect is over for this run: whoever waits for it may ask.
    /// - Parameter broken: its row, when its function was ended from outside: nobody knows what it did.
    package func leaveEffect(_ key: String, broken row: EffectRow? = nil) {
        guard let row else { return wakeWaiters(of: key) }
        abandonEffect(key)
        record(end: row, .failed(problem: "it was ended from outside: cancelled, or out of time")) { [self] _ in
            wakeWaiters(of: key)
        }
    }

    /// From now on whoever waits for it waits for the ledger, no longer for a task.
    fileprivate func abandonEffect(_ key: String) {
        effects[Array(key.utf8)]?.isLeaving = true
        for wait in effects[Array(key.utf8)]?.waits ?? [] { effectWaitChanged(wait.waiter, false) }
    }

    fileprivate func wakeWaiters(of key: String) {
        for wait in effects.removeValue(forKey: Array(key.utf8))?.waits ?? [] {
            effectWaitChanged(wait.waiter, false)
            soon { wait.begin() }
        }
    }
}

/// Who waits for an effect that a task of this run is at.
struct EffectQueue {
    var waits: [EffectWait] = []
    /// The task has ended; what it leaves is on its way to the ledger.
    var isLeaving = false
}

/// One claim of an effect, repeated while somebody else is at it.
final class EffectWait {
    let waiter: EffectWaiter
    private let links: RecordedLinks
    private let claim: EffectClaim
    private let done: (Result<EffectClaimAnswer, LedgerError>) -> Void
    private var timer: Scheduled<Void>?
    private var pause = TimeAmount.milliseconds(20)
    private var isCancelled = false
    /// The ledger is being asked.
    private var isAsking = false

    init(
        _ links: RecordedLinks, _ claim: EffectClaim, _ waiter: EffectWaiter,
        _ done: @escaping (Result<EffectClaimAnswer, LedgerError>) -> Void
    ) {
        self.links = links
        self.claim = claim
        self.waiter = waiter
        self.done = done
    }

    func begin() {
        guard !isCancelled else { return }
        let key = Array(claim.key.utf8)
        if let queue = links.effects[key] {
            links.effects[key]?.waits.append(self)
            if !queue.isLeaving { links.effectWaitChanged(waiter, true) }
            return
        }
        links.effects[key] = EffectQueue()
        isAsking = true
        links.ends.willClaim(.effect(key))
        links.ledger.submit(.claimEffect(claim)) { [self] result in
            var isGranted = false
            switch result {
            case .success(.effect(.run(let row, _, _))), .success(.effect(.check(let row, _, _))):
                isGranted = true
                links.begunEffects[row] = key
            default: break
            }
            links.ends.didClaim(.effect(key), isGranted: isGranted)
            receive(result)
        }
    }

    private func receive(_ result: Result<LedgerAnswer, LedgerError>) {
        isAsking = false
        switch result {
        case .success(.effect(.run(let row, _, _))) where isCancelled,
            .success(.effect(.check(let row, _, _))) where isCancelled:
            // Granted to nobody: it was not begun.
            links.record(end: row, .notBegun) { [self] _ in links.wakeWaiters(of: claim.key) }
        case .success(.effect(.inDoubt(let record))) where isOwn(record):
            links.record(end: record.row, .notBegun) { [self] error in
                links.wakeWaiters(of: claim.key)
                if isCancelled { return }
                if let error { done(.failure(error)) } else { begin() }
            }
        case .success(.effect(.busy)):
            links.wakeWaiters(of: claim.key)
            timer = links.eventLoop.assumeIsolated().scheduleTask(in: pause) { self.begin() }
            pause = min(pause * 2, .milliseconds(500))
        case .success(.effect(let answer)):
            switch answer {
            case .run, .check: break
            default: links.wakeWaiters(of: claim.key)
            }
            if !isCancelled { done(.success(answer)) }
        case .success:
            links.wakeWaiters(of: claim.key)
            done(.failure(LedgerError(.failed, "the ledger gave no answer to the claim of an effect")))
        case .failure(let error):
            links.wakeWaiters(of: claim.key)
            if !isCancelled { done(.failure(error)) }
        }
    }

    /// Whether this run itself was granted it, and was told that the ledger had failed: it was not begun.
    ///
    /// The row of a living run is in doubt for nobody but that run, and what it did begin it knows.
    private func isOwn(_ record: EffectRecord) -> Bool {
        record.state == .running && record.isRunAlive && links.begunEffects[record.row] == nil
    }

    func cancel() {
        isCancelled = true
        timer?.cancel()
        if isAsking { return links.abandonEffect(claim.key) }
        links.effects[Array(claim.key.utf8)]?.waits.removeAll { $0 === self }
    }
}
