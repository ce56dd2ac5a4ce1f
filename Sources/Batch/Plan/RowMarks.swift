// What becomes of every row, in one byte each.

package struct RowMarks: Sendable {
    package enum Mark: UInt8, Sendable {
        case rejected, recorded, toMake
        /// In doubt, with an id that can be looked up.
        case toLookUp
        /// The mapping leaves the row out.
        case skipped
        /// Its key waits for a person, or a person gave it up.
        case inDoubt, abandoned

        /// Whether the row goes through the making: to be made, or looked up.
        package var isToDo: Bool { self == .toMake || self == .toLookUp }
    }

    private var marks: [UInt8] = []

    package init(capacity: Int = 0) { marks.reserveCapacity(capacity) }

    package var count: Int { marks.count }

    package mutating func append(_ mark: Mark) { marks.append(mark.rawValue) }

    package subscript(_ row: Int) -> Mark {
        get { marks.indices.contains(row) ? Mark(rawValue: marks[row]) ?? .rejected : .rejected }
        set { if marks.indices.contains(row) { marks[row] = newValue.rawValue } }
    }
}
