// Which outcomes of a script's request may be answered by sending it again. How often is the script's to say.

import HTTPTransport

/// The rules by which a request of `http` is repeated when the script asked for retries.
enum RetryRule {
    enum Outcome: Equatable {
        case status(Int)
        case failure(HTTPFailure.Code, bytesSent: Bool)
    }

    /// Whether another attempt may be made.
    /// - Parameter isRepeatable: whether a repetition is harmless even if the server has acted on the first.
    static func permits(_ outcome: Outcome, isRepeatable: Bool) -> Bool {
        switch outcome {
        case .status(let status): permits(status: status, isRepeatable: isRepeatable)
        case .failure(let code, let bytesSent):
            switch code {
            case .cancelled, .shutDown, .invalidRequest, .invalidConfiguration, .tlsFailed, .replyTooLarge: false
            case .resolveFailed, .connectFailed, .timeout, .connectionLost, .badReply: !bytesSent || isRepeatable
            }
        }
    }

    /// Whether the same request may well succeed later.
    static func isTransient(status: Int) -> Bool { permits(status: status, isRepeatable: true) }

    private static func permits(status: Int, isRepeatable: Bool) -> Bool {
        switch status {
        case 429, 503: true  // by these the server says that it has not acted
        case 408, 425, 500, 502, 504: isRepeatable
        default: false
        }
    }
}
