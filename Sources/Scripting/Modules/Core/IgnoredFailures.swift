// Failed calls that were statements of their own, so that nobody can have looked at what they gave: told at the end.

/// The places of such calls, each with the first reason, in the order in which they failed.
struct IgnoredFailures {
    private struct Place {
        var name: String
        var reason: String
        var count = 1
    }

    private static let mostPlaces = 5

    private var places: [Place] = []
    /// Calls in further places.
    private var others = 0

    /// - Returns: whether the place is a new one.
    mutating func add(_ name: String, _ reason: String) -> Bool {
        if let index = places.firstIndex(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
            places[index].count += 1
            return false
        }
        guard places.count < Self.mostPlaces else {
            others += 1
            return true
        }
        places.append(Place(name: name, reason: reason))
        return true
    }

    static func text(_ calls: String, _ told: String) -> String {
        "\(calls) failed, and nobody looked at the results: \(told); check the results, or wrap the call in assert(…)"
    }

    /// One message for all of them; `nil` when there are none.
    var message: String? {
        guard !places.isEmpty else { return nil }
        let count = places.map(\.count).reduce(others, +)
        var told = places.map { "\($0.name): \($0.reason)" + ($0.count > 1 ? " (\($0.count) times)" : "") }
        if others > 0 { told.append("… and \(others) more") }
        return Self.text(count == 1 ? "a call" : "\(count) calls", told.joined(separator: "; "))
    }
}
