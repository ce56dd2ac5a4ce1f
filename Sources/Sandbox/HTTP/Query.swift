// A request's query string, read without forgiveness for what matters and indifferent to the rest.
// Only plain values occur here, so nothing is percent-decoded.

/// The parameters after the question mark.
struct Query: Sendable, Equatable {
    private var parameters: [(name: Substring, value: Substring)]

    init(_ text: String?) {
        parameters = (text ?? "").split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (parts[0], parts.count > 1 ? parts[1] : "")
        }
    }

    /// Whether the checkout page is to close itself once paid.
    var closesOnComplete: Bool { self["closeOnComplete"] == "true" }

    subscript(name: String) -> Substring? { parameters.first { $0.name == name }?.value }

    /// The parameter as a whole number from 0; nil when absent.
    func count(_ name: String) throws(Refusal) -> Int? {
        guard let text = self[name] else { return nil }
        guard let number = Int(text), number >= 0 else { throw .wrong(name, "must be a whole number, 0 or more") }
        return number
    }

    static func == (left: Query, right: Query) -> Bool {
        left.parameters.elementsEqual(right.parameters) { $0 == $1 }
    }
}
