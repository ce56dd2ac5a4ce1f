// Who follows which links where several processes do: shards of them are dealt out evenly, and move as little as they can.

/// The shards of one follower's links.
package enum ShardRules {
    /// How many there are.
    package static let count = 64
    /// Rows on end that are of one shard: what is made together is read together.
    package static let width: Int64 = 1_000

    package static func shard(of row: LinkRow) -> Int { Int(row / width % Int64(count)) }

    /// How a run's shards change.
    package struct Change: Equatable {
        package var takes: [Int] = []
        package var gives: [Int] = []
        package var isNone: Bool { takes.isEmpty && gives.isEmpty }
    }

    /// What a run is to take and to give, so that everybody has as many as everybody else, but for one.
    ///
    /// - Parameters:
    ///   - holders: the run that each shard was given to last, where there is one.
    ///   - living: the runs that follow, this one among them.
    package static func change(of run: Int64, holders: [Int: Int64], living: Set<Int64>) -> Change {
        let order = living.union([run]).sorted()
        let place = order.firstIndex(of: run) ?? 0
        let quota = count / order.count + (place < count % order.count ? 1 : 0)
        var change = Change()
        var own: [Int] = []
        var free: [Int] = []
        for shard in 0..<count {
            guard let holder = holders[shard] else {
                free.append(shard)
                continue
            }
            if holder == run { own.append(shard) } else if !living.contains(holder) { free.append(shard) }
        }
        if own.count > quota {
            change.gives = Array(own.suffix(own.count - quota))
        } else {
            change.takes = Array(free.prefix(quota - own.count))
        }
        return change
    }
}
