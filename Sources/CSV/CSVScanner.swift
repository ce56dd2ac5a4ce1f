// The inner loop: finds fields and records in a window of UTF-8 and copies the fields' text to a chunk.
// What happens between two runs is in CSVScanner+State.swift; reading and messages are CSVReader's part.

/// The state of a scan between two calls; it can stop after any byte and go on.
///
/// Faults do not end a record. It is read on leniently (a stray quote is text, so is what follows a closing quote),
/// which finds the record's end where a person would see it, and keeps the fields for a file of rejected rows.
struct CSVScanner {
    enum Stop {
        case needsInput
        case chunkFull
        /// The record from `recordStart` to `index` has a fault, or not as many fields as there are columns.
        case badRecord
    }

    enum Mode {
        case fieldStart, unquoted, quoted, afterQuote
    }

    struct Fault {
        var kind: CSVProblem.Kind
        /// From the record's first byte.
        var offset: Int
    }

    /// A field beyond the columns. In a header, which is read as if there were no columns, every field is one.
    struct SurplusField {
        /// Offset of its first byte in the record.
        var start: Int
        /// End of its text in the chunk.
        var end: Int
    }

    var delimiter: UInt8 = 0
    var columnCount = 0
    var maximumLength = 0
    /// Records without anything that can be seen are none, if there are columns to tell apart.
    var skipsBlankRecords = false

    /// Where the current record begins in the window.
    var recordStart = 0
    /// The next byte to look at.
    var index = 0
    /// Physical line on which the current record begins.
    var line = 1
    /// The earliest fault of the current record.
    var fault: Fault?
    /// Fields of the current record that have ended.
    var fieldCount = 0
    /// The first of the fields beyond the columns: as many as a header may have.
    var surplus: [SurplusField] = []

    var mode = Mode.fieldStart
    /// Line ends within the current record.
    var innerLines = 0
    /// All words of the current record (and a few bytes behind it) or-ed together: is anything not ASCII?
    var seen: UInt64 = 0
    /// Offset in the record of the last opening quote.
    var quoteStart = 0
    var surplusStart = 0
    /// Whether a carriage return ended the last line, so that a line feed would belong to it.
    var followsCarriageReturn = false

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    // MARK: The loop

    /// Reads records until it must stop.
    /// - Parameters:
    ///   - window: `end` bytes of text, then a line feed, then seven bytes that may be read.
    ///   - records: has room for `end - index` bytes and for the records up to its limit.
    mutating func run(_ window: UnsafeRawPointer, end: Int, into records: CSVRecords) -> Stop {
        // Safe because: nothing is read behind `end` + 7, as the line feed at `end` stops every inner loop; a field's
        // text is never longer than what it was read from, so copies stay within what the caller reserved (and the
        // slack behind it); ends and lines are written only for records below the limit and columns below their count.
        let output = records.byteBase
        let ends = records.endBase
        let lines = records.lineBase
        let delimiter = delimiter
        let delimiters = UInt64(delimiter) &* Self.ones
        let lastColumn = columnCount - 1
        var (input, text, record) = (index, records.byteCount, records.count)
        var (mode, seen, fieldCount, start) = (mode, seen, fieldCount, recordStart)
        var nextEnd = record * columnCount + min(fieldCount, columnCount)
        defer {
            (index, self.mode, self.seen, self.fieldCount, recordStart) = (input, mode, seen, fieldCount, start)
            (records.byteCount, records.count) = (text, record)
        }

        while true {
            switch mode {
            case .fieldStart:
                if input == start {
                    guard input < end else { return .needsInput }
                    guard record < records.recordLimit else { return .chunkFull }
                    let byte = window.load(fromByteOffset: input, as: UInt8.self)
                    if byte == ASCII.lineFeed || byte == ASCII.carriageReturn {
                        passLineEnd(byte)
                        input += 1
                        start = input
                        continue
                    }
                    followsCarriageReturn = false
                }
                if window.load(fromByteOffset: input, as: UInt8.self) == ASCII.quote {
                    quoteStart = input - start
                    input += 1
                    mode = .quoted
                    continue
                }
                guard input < end else { return .needsInput }
                mode = .unquoted
                fallthrough

            case .unquoted:
                while true {
                    let word = UInt64(littleEndian: window.loadUnaligned(fromByteOffset: input, as: UInt64.self))
                    output.storeBytes(of: word.littleEndian, toByteOffset: text, as: UInt64.self)
                    seen |= word
                    let hits =
                        (Self.controls(word) | Self.matches(word, delimiters) | Self.matches(word, Self.quotes))
                        & ~word & Self.highBits
                    let step = hits == 0 ? 8 : hits.trailingZeroBitCount &>> 3
                    input += step
                    text += step
                    if hits == 0 { continue }
                    let byte = window.load(fromByteOffset: input, as: UInt8.self)
                    if byte == delimiter || byte == ASCII.lineFeed || byte == ASCII.carriageReturn { break }
                    if byte == ASCII.quote { note(.strayQuote, at: input - start) }
                    if byte == 0 { note(.nulByte, at: input - start) }
                    input += 1
                    text += 1
                }

            case .quoted:
                while true {
                    let word = UInt64(littleEndian: window.loadUnaligned(fromByteOffset: input, as: UInt64.self))
                    output.storeBytes(of: word.littleEndian, toByteOffset: text, as: UInt64.self)
                    seen |= word
                    let hits = (Self.controls(word) | Self.matches(word, Self.quotes)) & ~word & Self.highBits
                    let step = hits == 0 ? 8 : hits.trailingZeroBitCount &>> 3
                    input += step
                    text += step
                    if hits == 0 { continue }
                    let byte = window.load(fromByteOffset: input, as: UInt8.self)
                    if byte == ASCII.quote { break }
                    if input == end { return .needsInput }
                    switch byte {
                    case ASCII.carriageReturn:
                        innerLines += 1
                    case ASCII.lineFeed:
                        // Safe because: an opening quote precedes, so the byte before is within the record.
                        let before = window.load(fromByteOffset: input - 1, as: UInt8.self)
                        if before != ASCII.carriageReturn { innerLines += 1 }
                    case 0: note(.nulByte, at: input - start)
                    default: break
                    }
                    input += 1
                    text += 1
                }
                input += 1
                mode = .afterQuote
                fallthrough

            case .afterQuote:
                let byte = window.load(fromByteOffset: input, as: UInt8.self)
                if byte == ASCII.quote {
                    output.storeBytes(of: byte, toByteOffset: text, as: UInt8.self)
                    input += 1
                    text += 1
                    mode = .quoted
                    continue
                }
                if byte != delimiter && byte != ASCII.lineFeed && byte != ASCII.carriageReturn {
                    note(.textAfterQuote, at: input - start)
                    mode = .unquoted
                    continue
                }
            }

            // A delimiter or a line end stands at `input`.
            let byte = window.load(fromByteOffset: input, as: UInt8.self)
            if byte == delimiter {
                if fieldCount < lastColumn {
                    ends[nextEnd] = UInt32(truncatingIfNeeded: text)
                    nextEnd += 1
                } else {
                    if fieldCount == lastColumn { ends[nextEnd] = UInt32(truncatingIfNeeded: text) }
                    endOutermost(fieldCount, at: input - start, text: text)
                }
                fieldCount += 1
                input += 1
                mode = .fieldStart
                continue
            }
            if input == end { return .needsInput }
            let length = input - start
            guard
                fieldCount == lastColumn, fault == nil, length <= maximumLength,
                seen & Self.highBits == 0
                    || UTF8Text.firstInvalidOffset(in: UnsafeRawBufferPointer(start: window + start, count: length))
                        == nil
            else {
                if fieldCount < columnCount {
                    ends[nextEnd] = UInt32(truncatingIfNeeded: text)
                } else {
                    endOutermost(fieldCount, at: length, text: text)
                }
                fieldCount += 1
                return .badRecord
            }
            let recordText = records.finishedBytes
            if skipsBlankRecords,
                InvisibleCharacter.areAll(UnsafeRawBufferPointer(start: output + recordText, count: text - recordText))
            {
                text = recordText
                nextEnd = record * columnCount
            } else {
                ends[nextEnd] = UInt32(truncatingIfNeeded: text)
                nextEnd += 1
                lines[record] = UInt32(clamping: line)
                record += 1
                records.finishedBytes = text
            }
            line += 1 + innerLines
            innerLines = 0
            followsCarriageReturn = byte == ASCII.carriageReturn
            (fieldCount, seen, mode) = (0, 0, .fieldStart)
            input += 1
            start = input
        }
    }

    /// High bit set in the first byte below 0x0E (and perhaps in bytes after it, or in those above 0x7F).
    @inline(__always)
    private static func controls(_ word: UInt64) -> UInt64 { word &- ones &* 0x0E }

    /// High bit set in the first byte that equals `pattern`'s, with the same reservation.
    @inline(__always)
    private static func matches(_ word: UInt64, _ pattern: UInt64) -> UInt64 { (word ^ pattern) &- ones }

    private static let quotes = UInt64(ASCII.quote) &* ones
}
