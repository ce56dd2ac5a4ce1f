// What is due in a simulated world: a heap, of which what was called off falls out when its turn comes.

/// Items by when they are due, and in the order in which they were added.
struct SimulatedQueue {
    private(set) var items: [SimulatedTime.Item] = []

    mutating func add(_ item: SimulatedTime.Item) {
        items.append(item)
        rise(items.count - 1)
    }

    /// The next one that was not called off.
    var first: SimulatedTime.Item? {
        mutating get {
            while let item = items.first {
                if item.body != nil { return item }
                removeFirst()
            }
            return nil
        }
    }

    @discardableResult
    mutating func removeFirst() -> SimulatedTime.Item? {
        guard let first = items.first else { return nil }
        let last = items.removeLast()
        guard !items.isEmpty else { return first }
        items[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < items.count && items[child].isBefore(items[least]) {
                least = child
            }
            guard least != parent else { return first }
            items.swapAt(least, parent)
            parent = least
        }
    }

    private mutating func rise(_ index: Int) {
        var child = index
        while child > 0, case let parent = (child - 1) / 2, items[child].isBefore(items[parent]) {
            items.swapAt(child, parent)
            child = parent
        }
    }
}
