// What happens to a scan between its runs, or seldom: faults noted, records given up, closed or begun anew.

extension CSVScanner {
    /// How many fields beyond the columns are remembered, and so how many columns a header may have.
    static let surplusLimit = 16_384

    /// Whether the window ends within a record.
    var isWithinRecord: Bool { index > recordStart }

    /// How much of the current record has been seen.
    var lengthSoFar: Int { index - recordStart }

    /// Keeps a fault of the current record if it is the earliest.
    @inline(never)
    mutating func note(_ kind: CSVProblem.Kind, at offset: Int) {
        if let fault, fault.offset <= offset { return }
        fault = Fault(kind: kind, offset: offset)
    }

    /// Takes the end, at `offset` in the record, of the last field that has a column or of one that has none.
    @inline(never)
    mutating func endOutermost(_ field: Int, at offset: Int, text: Int) {
        if field >= columnCount, surplus.count < Self.surplusLimit {
            surplus.append(SurplusField(start: surplusStart, end: text))
        }
        surplusStart = offset + 1
    }

    /// Passes over the line end at which a run stopped with `badRecord`.
    mutating func leaveBadRecord(in window: UnsafeRawPointer) {
        // Safe because: the run stopped at `index` on a line end within the window.
        followsCarriageReturn = window.load(fromByteOffset: index, as: UInt8.self) == ASCII.carriageReturn
        line += 1 + innerLines
        index += 1
        recordStart = index
        beginRecord()
    }

    /// Goes back to the beginning of the current record, whose text so far the caller drops.
    mutating func restartRecord() {
        index = recordStart
        beginRecord()
    }

    /// Says that a line feed will follow although the file has ended within a record.
    mutating func closeRecord() {
        guard mode == .quoted else { return }
        note(.unclosedQuote, at: quoteStart)
        mode = .afterQuote
    }

    /// Prepares for a window that will begin with the current record.
    /// - Returns: how many bytes before it will be dropped.
    mutating func shiftToBeginning() -> Int {
        let distance = recordStart
        index -= distance
        recordStart = 0
        return distance
    }

    /// Passes over a first line of so many bytes that is no record, but not over its end.
    mutating func passSeparatorLine(_ length: Int) {
        index += length
        recordStart = index
    }

    /// Passes over line ends before the first record.
    mutating func skipEmptyLines(in window: UnsafeRawBufferPointer) {
        while index < window.count, window[index] == ASCII.lineFeed || window[index] == ASCII.carriageReturn {
            passLineEnd(window[index])
            index += 1
        }
        recordStart = index
    }

    /// Counts the line that ends with `byte` outside of a record; a line feed may belong to the line end before it.
    @inline(__always)
    mutating func passLineEnd(_ byte: UInt8) {
        if !(followsCarriageReturn && byte == ASCII.lineFeed) { line += 1 }
        followsCarriageReturn = byte == ASCII.carriageReturn
    }

    private mutating func beginRecord() {
        mode = .fieldStart
        fault = nil
        (fieldCount, innerLines, seen, surplusStart) = (0, 0, 0, 0)
        surplus.removeAll(keepingCapacity: true)
    }
}
