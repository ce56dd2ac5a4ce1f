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
    }

    private var marks: [UInt8] = []

    package init() {}

    package mutating func append(_ mark: Mark) { marks.append(mark.rawValue) }

    package subscript(_ row: Int) -> Mark {
        marks.indices.contains(row) ? Mark(rawValue: marks[row]) ?? .rejected : .rejected
    }
}
