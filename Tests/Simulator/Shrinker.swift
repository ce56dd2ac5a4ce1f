// Takes away the troubles without which the same promise is still broken.

/// Looks for the fewest troubles of one seed that break a promise.
struct Shrinker {
    let seed: UInt64
    /// ``Violation/kind``.
    let kind: String

    /// - Returns: the numbers of the troubles that do not matter.
    func shrink(from start: Set<Int>) -> Set<Int> {
        var without = start
        let all = Plan(seed: seed).troubles.map(\.number)
        var size = max(1, all.count / 2)
        while true {
            let rest = all.filter { !without.contains($0) }
            var hasShrunk = false
            for first in stride(from: 0, to: rest.count, by: size) {
                let some = without.union(rest[first..<min(first + size, rest.count)])
                guard some != without, isBroken(without: some) else { continue }
                without = some
                hasShrunk = true
            }
            if size > 1 { size /= 2 } else if !hasShrunk { return without }
        }
    }

    private func isBroken(without: Set<Int>) -> Bool {
        Simulate.world(seed, without: without, tracing: false).violations.contains { $0.kind == kind }
    }
}
