// Effects through the ledger: what runs once, and what is known of it after a crash.

package import Ledger
import NIOCore

extension RecordedLinks {
    /// Asks to run an effect. Waits while another task or another process is at it.
    ///
    /// A caller that is granted it calls ``finishEffect(_:_:_:)`` and then ``leaveEffect(_:)``, or only the latter
    /// when it breaks off.
    /// - Returns: how to abandon the wait.
    package func claimEffect(
        _ claim: EffectClaim, _ done: @escaping (Result<EffectClaimAnswer, LedgerError>) -> Void
    ) -> () -> Void {
        let wait = EffectWait(self, claim, done)
        wait.begin()
        return { wait.cancel() }
    }

    package func finishEffect(
        _ row: EffectRow, _ outcome: EffectOutcome, _ done: @escaping (LedgerError?) -> Void
    ) {
        CrashPoint.insideEffect.reached()
        ledger.submit(.finishEffect(row, outcome)) { result in
            if case .failure(let error) = result { done(error) } else { done(nil) }
        }
    }

    /// The effect is over for this run, well or badly: whoever waits for it may ask.
    package func leaveEffect(_ key: String) {
        for body in effects.removeValue(forKey: key) ?? [] { soon(body) }
    }
}

/// One claim of an effect, repeated while somebody else is at it.
private final class EffectWait {
    private let links: RecordedLinks
    private let claim: EffectClaim
    private let done: (Result<EffectClaimAnswer, LedgerError>) -> Void
    private var timer: Scheduled<Void>?
    private var pause = TimeAmount.milliseconds(20)
    private var isCancelled = false

    init(
        _ links: RecordedLinks, _ claim: EffectClaim,
        _ done: @escaping (Result<EffectClaimAnswer, LedgerError>) -> Void
    ) {
        self.links = links
        self.claim = claim
        self.done = done
    }

    func begin() {
        guard !isCancelled else { return }
        if links.effects[claim.key] != nil {
            links.effects[claim.key]?.append { self.begin() }
            return
        }
        links.effects[claim.key] = []
        links.ledger.submit(.claimEffect(claim)) { [self] result in
            switch result {
            case .success(.effect(.busy)):
                links.leaveEffect(claim.key)
                timer = links.eventLoop.assumeIsolated().scheduleTask(in: pause) { self.begin() }
                pause = min(pause * 2, .milliseconds(500))
            case .success(.effect(let answer)):
                switch answer {
                case .run, .check: if isCancelled { links.leaveEffect(claim.key) }
                default: links.leaveEffect(claim.key)
                }
                if !isCancelled { done(.success(answer)) }
            case .success: break
            case .failure(let error):
                links.leaveEffect(claim.key)
                if !isCancelled { done(.failure(error)) }
            }
        }
    }

    func cancel() {
        isCancelled = true
        timer?.cancel()
    }
}
