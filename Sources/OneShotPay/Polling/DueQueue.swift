// A queue ordered by due time: a binary heap, so that a hundred thousand waits cost one entry each and one timer.

package import NIOCore

/// Elements by due time; among equals, the one that was added first.
package struct DueQueue<Element> {
    private struct Entry {
        let due: NIODeadline
        let number: UInt64
        let element: Element

        func isBefore(_ other: Entry) -> Bool {
            (due, number) < (other.due, other.number)
        }
    }

    private var entries: [Entry] = []
    private var nextNumber: UInt64 = 0

    package init() {}

    package var count: Int { entries.count }
    package var first: (due: NIODeadline, element: Element)? {
        entries.first.map { ($0.due, $0.element) }
    }
    package var firstNumber: UInt64? { entries.first?.number }

    /// - Returns: the entry's number, which no other has.
    @discardableResult
    package mutating func add(_ element: Element, due: NIODeadline) -> UInt64 {
        let number = nextNumber
        entries.append(Entry(due: due, number: number, element: element))
        nextNumber += 1
        var place = entries.count - 1
        while place > 0, entries[place].isBefore(entries[(place - 1) / 2]) {
            entries.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
        return number
    }

    package mutating func popFirst() -> Element? {
        guard let last = entries.popLast() else { return nil }
        guard let first = entries.first else { return last.element }
        entries[0] = last
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < entries.count && entries[child].isBefore(entries[least]) {
                least = child
            }
            if least == place { return first.element }
            entries.swapAt(place, least)
            place = least
        }
    }

    /// Keeps only the elements that satisfy `isKept`.
    package mutating func keep(_ isKept: (Element) -> Bool) {
        let kept = entries.filter { isKept($0.element) }
        entries = []
        // Equal due times keep their order: the numbers are given anew in heap order of a sorted run.
        for entry in kept.sorted(by: { $0.isBefore($1) }) { add(entry.element, due: entry.due) }
    }
}
