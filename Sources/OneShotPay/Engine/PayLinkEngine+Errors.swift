// Turns what went wrong into errors that say what failed and what to do next, with every secret taken out.

import Console
import HTTPTransport
import NIOCore

extension PayLinkEngine {
    /// The error for a reply that is not a success.
    func error(for response: HTTPResponse, subject: String, retryAfter: Duration?) -> OneShotPayError {
        let status = response.status
        let excerpt = response.body.withUnsafeReadableBytes { redactor.excerpt(of: $0) }
        // Encoded bytes would be nonsense on a screen.
        let said =
            response.foreignEncoding.map { ": its body is encoded (Content-Encoding: \($0)) and cannot be shown" }
            ?? (excerpt.isEmpty ? "" : ": \(excerpt)")
        let code: OneShotPayError.Code
        let message: String
        var retryable = false
        switch status {
        case 401:
            code = .unauthorized
            message = "\(subject): a fresh access token was refused; check the credentials\(said)"
        case 404:
            code = .notFound
            message = "\(subject): not found\(said)"
        case 429:
            code = .rateLimited
            let time = retryAfter.map { " for \($0)" } ?? ""
            message = "\(subject): the service asked to slow down\(time); try again later\(said)"
            retryable = true
        case 407:
            // Only a proxy asks for this, so that no other request would fare better.
            code = .invalidConfiguration
            message = "\(subject): a proxy refused its user name and password (407): check the proxy's address\(said)"
        case 300..<400:
            code = .redirectRefused
            let host = response.header("location").flatMap { try? WebAddress(parsing: $0) }?.authority
            let target = host.map { " to \($0)" } ?? ""
            message = "\(subject): the service redirects\(target), which is not followed; check the base address"
        case 400..<500:
            code = .rejected
            message = "\(subject): the service refused the request with status \(status)\(said)"
            retryable = status == 408 || status == 425
        default:
            code = .serverError
            message = "\(subject): the service failed with status \(status); try again later\(said)"
            retryable = true
        }
        return OneShotPayError(
            code, message, status: status, retryable: retryable, retryAfter: retryAfter, bytesSent: true)
    }

    /// The error for a request without a reply.
    func error(for failure: HTTPFailure, subject: String) -> OneShotPayError {
        let isFinal: Bool =
            switch failure.code {
            case .tlsFailed, .cancelled, .shutDown, .invalidRequest, .replyTooLarge, .invalidConfiguration: true
            default: false
            }
        return OneShotPayError(
            OneShotPayError.Code(failure.code), "\(subject): \(redactor.redact(failure.message))", retryable: !isFinal,
            cause: failure.cause.map(redactor.redact), bytesSent: failure.bytesSent)
    }

    /// The error for a success that cannot be used.
    func badReply(_ problem: String, _ response: HTTPResponse, subject: String) -> OneShotPayError {
        let nature = response.body.withUnsafeReadableBytes { ReplyNature($0).description(redactor) }
        var message = "\(subject): the reply cannot be used: \(problem); it is \(nature)"
        if let encoding = response.foreignEncoding {
            message += "; its Content-Encoding is \(encoding), which was not asked for"
        }
        if let type = response.header("content-type"), !type.lowercased().contains("json") {
            message += "; its type is \(ShownText.short(type, limit: 60)): check the base address"
        }
        return OneShotPayError(.badReply, message, status: response.status, retryable: true, bytesSent: true)
    }

    /// The error that a call ends with.
    func error(
        for failure: CallStateMachine.Failure, subject: String, last: OneShotPayError?
    ) -> OneShotPayError {
        switch failure {
        case .asAttempted, .noToken, .otherTerms:
            return last ?? OneShotPayError(.timeout, "\(subject): failed")
        case .cancelled:
            return OneShotPayError(.cancelled, "\(subject): cancelled")
        case .deadline:
            return last
                ?? OneShotPayError(.timeout, "\(subject): the time limit passed before it was sent", retryable: true)
        case .inDoubt(let id):
            let known = id.map { " (perhaps \($0))" } ?? ""
            var error = OneShotPayError(
                .inDoubt,
                "\(subject): sent, but the outcome is unknown: a link may exist\(known); "
                    + "look into the account before sending it again",
                status: last?.status, retryAfter: last?.retryAfter, cause: last.map { $0.message }, bytesSent: true)
            error.link = last?.link
            error.knownID = id
            return error
        case .unreadable(let id):
            let known = id.map { " (perhaps \($0))" } ?? ""
            var error = OneShotPayError(
                .unreadableReply,
                "\(subject): the service answered with a success that cannot be read: a link was made\(known), and "
                    + "would be made again; look into the account\(last.map { ". \($0.message)" } ?? "")",
                status: last?.status, cause: last.map { $0.message }, bytesSent: true)
            error.knownID = id
            return error
        }
    }
}
