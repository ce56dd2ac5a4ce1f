// A request that the sandbox will not fulfil: the status, a stable code and a message.
// One shape for the API, the page and the control calls.

/// A refusal, sent as `{"error": code, "message": …}`.
struct Refusal: Error, Sendable, Equatable {
    var status: Int
    var code: String
    var message: String

    static func missing(_ key: String) -> Refusal {
        Refusal(status: 400, code: "missing_key", message: "'\(key)' is required")
    }

    static func wrong(_ key: String, _ reason: String) -> Refusal {
        Refusal(status: 400, code: "invalid_value", message: "'\(key)' \(reason)")
    }

    static func bad(_ code: String, _ message: String) -> Refusal {
        Refusal(status: 400, code: code, message: message)
    }

    static func unauthorized(_ message: String) -> Refusal {
        Refusal(status: 401, code: "unauthorized", message: message)
    }

    static func conflict(_ message: String) -> Refusal { Refusal(status: 409, code: "conflict", message: message) }

    static let noSuchLink = Refusal(status: 404, code: "not_found", message: "no pay link has this id")
    static let noSuchPage = Refusal(status: 404, code: "not_found", message: "nothing is at this address")
}

extension JSONValue {
    /// Checks that this is an object with no key outside `keys`.
    func requireObject(keys: Set<String>) throws(Refusal) {
        guard case .object(let members) = self else {
            throw .bad("invalid_body", "the body must be a JSON object, not \(kind)")
        }
        for member in members where !keys.contains(member.key) {
            throw .bad("unknown_key", "'\(member.key)' is not a key of this request")
        }
    }
}
