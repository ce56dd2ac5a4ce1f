// Asks for an access token. Asking twice does no harm, so anything transient is retried.

import HTTPTransport
import JSON
import NIOCore

/// One request for an access token, retries included.
final class TokenCall: ServiceCall {
    private let done: (Result<AccessToken, OneShotPayError>) -> Void
    private var requestedAt = NIODeadline.uptimeNanoseconds(0)
    private var token: AccessToken?

    init(engine: PayLinkEngine, policy: RetryPolicy, _ done: @escaping (Result<AccessToken, OneShotPayError>) -> Void) {
        self.done = done
        super.init(
            engine: engine,
            machine: CallStateMachine(
                kind: .read, policy: policy, usesToken: false,
                deadline: engine.eventLoop.now + TimeAmount(engine.configuration.timeouts.call)))
    }

    override var subject: String { "getting an access token" }
    override var usesToken: Bool { false }

    override func request(token: AccessToken?) -> ByteBuffer {
        engine.statistics.tokenRequests += 1
        requestedAt = engine.eventLoop.now
        let json = engine.json
        json.reset()
        json.beginObject()
        json.key("client_id"); json.string(engine.credentials.userID)
        json.key("client_secret"); json.string(engine.credentials.apiToken)
        json.key("grant_type"); json.string("client_credentials")
        json.endObject()
        return engine.requests.token(body: json.bytes)
    }

    override func read(_ response: HTTPResponse) -> AttemptOutcome {
        let reply = response.body.withUnsafeReadableBytes { TokenReply($0, scratch: engine.scratch) }
        guard let reply else {
            // What cannot be read may still hold a token, so none of it is shown.
            lastError = OneShotPayError(
                .badReply, "\(subject): the reply holds no usable access_token; check the base address",
                status: response.status, retryable: true, bytesSent: true)
            return .damagedReply(salvaged: nil)
        }
        token = engine.issue(reply, requestedAt: requestedAt)
        return .success
    }

    override func willRetry() {
        guard var error = lastError else { return }
        error.bytesSent = false
        engine.tokens.attemptFailed(error)
    }

    override func succeed() {
        guard let token else { return }
        done(.success(token))
    }

    override func fail(_ error: OneShotPayError) {
        var error = error
        if let status = error.status, [400, 401, 403].contains(status) {
            error.code = .unauthorized
            error.message =
                "the service refused the credentials (status \(status)); check the user id and the API token"
            error.retryable = false
        }
        // The token request is not the request that a caller asks about.
        error.bytesSent = false
        done(.failure(error))
    }
}
