// Near-miss names, by the rule of the prelude's core.lua: what `check` suggests is what the runtime suggests.

enum Suggestion {
    /// " (did you mean 'amount'?)", or "" when no name is near.
    static func text(for name: String, among names: some Sequence<String>) -> String {
        guard let best = nearest(to: name, among: names) else { return "" }
        return " (did you mean '\(best)'?)"
    }

    static func nearest(to name: String, among names: some Sequence<String>) -> String? {
        let wanted = Array(name.utf8)
        guard (2...40).contains(wanted.count) else { return nil }  // any letter is near another one
        var best: String?
        var least = wanted.count <= 4 ? 2 : 3
        for candidate in names {
            let other = Array(candidate.utf8)
            guard abs(other.count - wanted.count) <= least else { continue }
            let distance = distance(wanted, other)
            if distance < least || (distance == least && best.map { candidate < $0 } == true) {
                (best, least) = (candidate, distance)
            }
        }
        return best
    }

    /// How many letters are to be put in, taken out, replaced, or swapped with the next one.
    static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
        var before: [Int] = []
        var previous = Array(0...b.count)
        for i in 1...a.count {
            var current = [i]
            current.reserveCapacity(b.count + 1)
            for j in 1...b.count {
                let cost = a[i - 1] == b[j - 1] ? 0 : 1
                var distance = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + cost)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    distance = min(distance, before[j - 2] + 1)
                }
                current.append(distance)
            }
            (before, previous) = (previous, current)
        }
        return previous[b.count]
    }
}
