// How one CSV input is read: the options, and a source that gives the file in pieces, or misbehaves.

import CSV

/// What the first four bytes of an input say.
struct CSVPlan {
    enum Source { case honest, lying, failing }
    /// A read that failed, and may succeed the next time.
    struct SourceFailure: Error {}

    let options: CSVOptions
    let block: Int
    let limit: Int
    let source: Source

    init(_ input: [UInt8]) {
        let delimiters: [CSVDelimiter?] = [nil, nil, .comma, .semicolon, .tab, CSVDelimiter(input[0])]
        let maximum = input[2] < 192 ? 16 << 20 : Int(input[2] - 191) * 3
        options = CSVOptions(
            delimiter: delimiters[Int(input[0]) % delimiters.count],
            encoding: input[1] < 224 ? .utf8 : CSVEncoding.allCases[Int(input[1]) % CSVEncoding.allCases.count],
            maximumRecordBytes: maximum)
        let isLong = input.count > 4_096
        block = isLong ? 1_000 + Int(input[3]) * 300 : 1 + Int(input[3] & 0x1F)
        limit = [4_096, 1, 2, 3, 64, 4_096, 4_096][Int(input[3]) % 7]
        switch input[3] {
        case 240...247: source = .failing
        case 254...255: source = .lying
        default: source = .honest
        }
    }

    /// Gives the bytes as the plan says.
    func source(_ bytes: ArraySlice<UInt8>) -> CSVSource {
        let honest = Self.source(bytes, block: block)
        var calls = 0
        return { buffer in
            calls += 1
            if source == .failing, calls % 3 == 0 { throw SourceFailure() }
            let count = try honest(buffer)
            guard source == .lying, calls % 4 == 0 else { return count }
            return calls % 8 == 0 ? -count : count + buffer.count
        }
    }

    /// Gives the bytes, at most `block` at once.
    static func source(_ bytes: ArraySlice<UInt8>, block: Int) -> CSVSource {
        var position = bytes.startIndex
        return { buffer in
            let count = min(block, buffer.count, bytes.endIndex - position)
            buffer.copyBytes(from: bytes[position..<position + count])
            position += count
            return count
        }
    }
}
