// Why a script's request brought no success: what `err` tells the script.

import Console
import HTTPTransport
import NIOCore

/// A failed call of `http`.
struct HTTPCallFailure: Error {
    /// A code of the transport, or `not_allowed`, `dry_run`, `http_status`, `redirect_refused`, `invalid_request`.
    var code: String
    var message: String
    var retryable = false
    /// Whether the server may have received the request.
    var sent = false
    var status: Int?
    var retryAfter: Duration?
    var cause: String?
    /// The reply, when there was one, and the address that gave it.
    var reply: (response: HTTPResponse, url: String)?

    init(_ code: String, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ failure: HTTPFailure, of request: ScriptRequest, sentBefore: Bool) {
        code = failure.code.rawValue
        message = "\(request.shown): \(failure.message)"
        cause = failure.cause
        sent = failure.bytesSent || sentBefore
        retryable = RetryRule.permits(.failure(failure.code, bytesSent: failure.bytesSent), isRepeatable: true)
    }

    /// A reply with a status that is no success.
    init(_ response: HTTPResponse, to request: ScriptRequest, retryAfter: Duration?) {
        code = "http_status"
        status = response.status
        let beginning = String(decoding: response.body.readableBytesView.prefix(1000), as: UTF8.self)
        let excerpt = ShownText.short(beginning, limit: 200)
        let said =
            response.foreignEncoding.map { ": its body is encoded (Content-Encoding: \($0)) and cannot be shown" }
            ?? (excerpt.isEmpty ? "" : ": \(excerpt)")
        message = "\(request.shown): answered with status \(response.status)\(said)"
        sent = true
        retryable = RetryRule.isTransient(status: response.status)
        self.retryAfter = retryAfter
        reply = (response, request.url)
    }
}
