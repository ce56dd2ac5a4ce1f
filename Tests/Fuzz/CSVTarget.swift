// CSVReader: the same in blocks of any size, text that is UTF-8, and what the writer made of it read back.

import CSV
import Chance

/// Four bytes choose the options, the rest is the file.
struct CSVTarget: FuzzTarget {
    static let name = "csv"

    private let records = CSVRecords()
    private static let mutator = Mutator(seeds: CSVCorpus.seeds, pieces: CSVCorpus.pieces)

    func input(_ random: inout SplitMix) -> [UInt8] {
        let choices = (0..<4).map { _ in random.byte() }
        var text = Self.mutator.make(&random)
        // The reader's window begins with 256 KB, its chunk of text with 64 KB.
        if random.oneIn(4_000) { text = Self.mutator.stretch(text, to: 60_000 << random.below(4), &random) }
        return choices + Self.encoded(text, by: choices[1])
    }

    mutating func run(_ input: [UInt8], _ tally: inout Tally) throws {
        guard input.count >= 4 else { return tally.refuse("too short") }
        let plan = CSVPlan(input)
        let text = input[4...]
        if plan.source == .lying {
            readWhateverTheSourceClaims(text, plan)
            return tally.check("source that claims too much")
        }
        let whole = try CSVTranscript(CSVPlan.source(text, block: .max), plan.options, records, limit: 4_096)
        let pieces = try CSVTranscript(plan.source(text), plan.options, records, limit: plan.limit)
        try expect(whole.everything == pieces.everything, "in blocks of \(plan.block) something else is read")
        if plan.source == .failing { tally.check("source that fails now and then") }
        whole.count(in: &tally)
        guard whole.headerError == nil else { return }
        let options = CSVOptions(delimiter: whole.delimiter)
        let written = CSVPlan.source(whole.written[...], block: .max)
        let again = try CSVTranscript(written, options, records, limit: 4_096)
        try expect(again.goodRows == whole.goodRows, "what was written reads back as something else")
        try expect(again.problems.isEmpty, "what was written has a fault: \(again.problems)")
        tally.check("written and read back")
    }

    /// The reader survives a source that says to have written more than it was offered, or less than nothing.
    private func readWhateverTheSourceClaims(_ text: ArraySlice<UInt8>, _ plan: CSVPlan) {
        let reader = CSVReader(options: plan.options, source: plan.source(text))
        for _ in 0..<200 {
            guard let count = try? reader.next(into: records, limit: plan.limit), count > 0 else { return }
            for record in 0..<count {
                for column in 0..<records.columnCount { _ = records.string(record, column) }
            }
        }
    }

    /// Some files are turned into the encoding that their options will name.
    private static func encoded(_ text: [UInt8], by choice: UInt8) -> [UInt8] {
        let mark: [UInt8]
        let isBig: Bool
        switch choice {
        case 0..<16: (mark, isBig) = ([0xFF, 0xFE], false)
        case 16..<32: (mark, isBig) = ([0xFE, 0xFF], true)
        case 32..<40: return [0xEF, 0xBB, 0xBF] + text
        default: return text
        }
        return mark
            + String(decoding: text, as: UTF8.self).utf16.flatMap { unit in
                let (high, low) = (UInt8(unit >> 8), UInt8(truncatingIfNeeded: unit))
                return isBig ? [high, low] : [low, high]
            }
    }
}
