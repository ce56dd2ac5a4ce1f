// The beginning of the making: no row is begun before the service has answered once.
// A row's own attempts last for minutes, so that a batch outlives a failure of the service; a wrong address or a
// network that is not there should be heard of sooner.

import NIOCore
import OneShotPay
import Recorder

extension BatchMaker {
    private static let longestPause: Duration = .seconds(5)

    /// Gets an access token, and then begins; gives up when there is none after the settings' patience.
    func open() {
        let deadline = links.engine.eventLoop.now + TimeAmount(settings.patience)
        tryOpening(until: deadline, pause: .milliseconds(250))
    }

    /// Begins with the first rows. Where these take long, the others do not wait for them.
    func beginFilling() {
        fill()
        _ = links.engine.eventLoop.assumeIsolated().scheduleTask(in: ReplyTrust.patience) {
            self.trust.losePatience()
            self.fill()
        }
    }

    private func tryOpening(until deadline: NIODeadline, pause: Duration) {
        guard report.stop == nil else { return }
        links.engine.checkCredentials { result in
            guard self.report.stop == nil else { return }
            switch result {
            case .success: self.beginFilling()
            case .failure(let error): self.openingFailed(error, until: deadline, pause)
            }
        }
    }

    private func openingFailed(_ error: OneShotPayError, until deadline: NIODeadline, _ pause: Duration) {
        let next = links.engine.eventLoop.now + TimeAmount(max(pause, error.retryAfter ?? .zero))
        if case .stop(let reason) = RowOutcome.of(.failure(LinkFailure(error))) {
            stop(reason)
        } else if !error.retryable || next > deadline {
            stop(.unreachable(error.message))
        } else {
            timer = links.engine.eventLoop.assumeIsolated().scheduleTask(deadline: next) {
                self.tryOpening(until: deadline, pause: min(pause * 2, Self.longestPause))
            }
            return
        }
        finishIfIdle()
    }
}
