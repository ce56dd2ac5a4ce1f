// Which of the candidates separates the fields of the first record.

/// Counts the candidates outside of quotes, up to the record's end.
struct CSVDelimiterFinder {
    private let maximumLength: Int
    /// How often each candidate was seen.
    private(set) var counts = [Int](repeating: 0, count: CSVDelimiter.candidates.count)
    private var isQuoted = false
    private var isFieldStart = true
    /// How much of the record was looked at.
    private(set) var length = 0

    /// - Parameter maximumLength: of a longer record only so many bytes are looked at.
    init(maximumLength: Int) {
        self.maximumLength = maximumLength
    }

    /// The most frequent so far; the comma if there is none.
    var best: CSVDelimiter {
        var best = 0
        for index in counts.indices where counts[index] > counts[best] { best = index }
        return CSVDelimiter.candidates[best]
    }

    /// Looks at what is new in the record.
    /// - Parameter record: all that is known of it, and perhaps of the next ones.
    /// - Returns: whether it is known to its end.
    mutating func sees(theRecordEndIn record: UnsafeRawBufferPointer) -> Bool {
        while length < record.count {
            let byte = record[length]
            if length == maximumLength || !isQuoted && (byte == ASCII.lineFeed || byte == ASCII.carriageReturn) {
                return true
            }
            length += 1
            if byte == ASCII.quote {
                // Behind the closing quote one is doubled, or a fault that is reported later.
                isQuoted = !isQuoted && isFieldStart
            } else if !isQuoted {
                let candidate = CSVDelimiter.candidates.firstIndex { $0.byte == byte }
                if let candidate { counts[candidate] += 1 }
                isFieldStart = candidate != nil
            }
        }
        return false
    }
}
