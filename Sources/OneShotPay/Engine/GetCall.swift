// Fetches one link.

import HTTPTransport
import NIOCore

/// One get, retries included.
final class GetCall: ServiceCall {
    private let id: PayLinkID
    private let page: CheckoutPage
    private let done: (Result<PayLink, OneShotPayError>) -> Void
    private var link: PayLink?
    private var hasSent = false
    /// Told of each request after the first: one whose token was refused is sent again with another.
    var whenRepeated: (() -> Void)?

    init(
        engine: PayLinkEngine, id: PayLinkID, page: CheckoutPage, policy: RetryPolicy, deadline: NIODeadline,
        _ done: @escaping (Result<PayLink, OneShotPayError>) -> Void
    ) {
        self.id = id
        self.page = page
        self.done = done
        super.init(engine: engine, machine: CallStateMachine(kind: .read, policy: policy, deadline: deadline))
    }

    override var subject: String { "getting link \(id)" }

    override func request(token: AccessToken?) -> ByteBuffer {
        guard let token else { return ByteBuffer() }
        if hasSent { whenRepeated?() }
        hasSent = true
        return engine.requests.get(id, token: token)
    }

    override func read(_ response: HTTPResponse) -> AttemptOutcome {
        do {
            let link = try engine.link(in: response, page: page)
            guard link.id == id else {
                lastError = engine.badReply("it is about link \(link.id)", response, subject: subject)
                return .damagedReply(salvaged: nil)
            }
            self.link = link
            return .success
        } catch {
            lastError = engine.badReply("\(error)", response, subject: subject)
            return .damagedReply(salvaged: nil)
        }
    }

    override func succeed() {
        guard let link else { return }
        done(.success(link))
    }

    override func fail(_ error: OneShotPayError) {
        done(.failure(error))
    }
}
