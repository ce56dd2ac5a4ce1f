// JSONReader: errors that stay, accepted texts that survive being written; and pay links read from any bytes.

import Chance
import JSON
import OneShotPay

/// The first byte chooses the depth that is allowed, the rest is the text.
struct JSONTarget: FuzzTarget {
    static let name = "json"

    private let scratch = JSONScratch()
    private let writer = JSONWriter()
    private static let mutator = Mutator(seeds: JSONCorpus.seeds, pieces: JSONCorpus.pieces)
    private static let page = CheckoutPage(baseURL: "https://1shotpay.com")

    func input(_ random: inout SplitMix) -> [UInt8] {
        var text = Self.text(&random)
        if random.oneIn(4_000) { text = Self.mutator.stretch(text, to: 20_000 << random.below(3), &random) }
        return [random.byte()] + text
    }

    mutating func run(_ input: [UInt8], _ tally: inout Tally) throws {
        guard let choice = input.first else { return tally.refuse("too short") }
        // Beyond 64 levels the reader keeps its stack elsewhere.
        let depth = choice < 192 ? JSONReader.defaultMaximumDepth : Int(choice - 192) * 5
        // A copy of its own, so that a look beyond its end is one beyond an allocation.
        try input[1...].withUnsafeBytes { slice in
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: slice.count, alignment: 1)
            defer { bytes.deallocate() }
            bytes.copyMemory(from: slice)
            try read(UnsafeRawBufferPointer(bytes), depth, &tally)
            try readLink(UnsafeRawBufferPointer(bytes), &tally)
        }
    }

    private static func text(_ random: inout SplitMix) -> [UInt8] {
        guard random.oneIn(2) else { return mutator.make(&random) }
        var json = RandomJSON()
        if random.oneIn(3) { json.addLink(&random) } else { json.addValue(&random) }
        return random.oneIn(2) ? json.bytes : mutator.mutated(json.bytes, &random)
    }

    private func read(_ bytes: UnsafeRawBufferPointer, _ depth: Int, _ tally: inout Tally) throws {
        writer.reset()
        var reader = JSONReader(bytes, scratch: scratch, maximumDepth: depth)
        let first: JSONTranscript
        do {
            first = try JSONTranscript(&reader, writer)
        } catch let error as JSONError {
            try expect(error.offset >= 0 && error.offset <= bytes.count, "an error outside of the text")
            try expect(error.line > 0 && error.column > 0, "an error without a place")
            try expect(throwsAgain(&reader, error), "after an error another one, or none")
            try expect(!isAcceptedWhenSkipped(bytes, depth), "skipping accepts what reading refuses")
            return tally.refuse(error.code.rawValue)
        }
        tally.accept()
        try expect(isAcceptedWhenSkipped(bytes, depth), "skipping refuses what reading accepts")
        let again = JSONWriter()
        var second = JSONReader(writer.bytes, maximumDepth: depth)
        let copy = try JSONTranscript(&second, again)
        try expect(first == copy, "what was written reads back as something else")
        try expect(writer.string == again.string, "a second copy differs from the first")
        tally.check("written and read back")
    }

    private func throwsAgain(_ reader: inout JSONReader, _ error: JSONError) -> Bool {
        do {
            _ = try reader.next()
            return false
        } catch let second {
            return second == error
        }
    }

    private func isAcceptedWhenSkipped(_ bytes: UnsafeRawBufferPointer, _ depth: Int) -> Bool {
        var reader = JSONReader(bytes, scratch: scratch, maximumDepth: depth)
        do {
            let token = try reader.next()
            try reader.skipRest(of: token)
            return try reader.next() == .end
        } catch {
            return false
        }
    }

    private func readLink(_ bytes: UnsafeRawBufferPointer, _ tally: inout Tally) throws {
        guard let link = try? PayLink(json: bytes, page: Self.page, scratch: scratch) else { return }
        writer.reset()
        link.write(to: writer)
        let copy: PayLink
        do {
            copy = try PayLink(json: writer.bytes, page: Self.page)
        } catch {
            throw FuzzFailure(description: "a written link cannot be read: \(error)\n\(writer.string)")
        }
        try expect(copy == link, "a link reads back as another one:\n\(link)\n\(copy)")
        tally.check("pay link read back")
    }
}

/// The tokens of a text with their contents; while it reads, it writes the text anew.
struct JSONTranscript: Equatable {
    private var bytes: [UInt8] = []

    init(_ reader: inout JSONReader, _ writer: JSONWriter) throws {
        while true {
            switch try reader.next() {
            case .beginObject: add("{") { writer.beginObject() }
            case .endObject: add("}") { writer.endObject() }
            case .beginArray: add("[") { writer.beginArray() }
            case .endArray: add("]") { writer.endArray() }
            case .bool(let flag): add(flag ? "t" : "f") { writer.bool(flag) }
            case .null: add("0") { writer.null() }
            case .key:
                try add(textOf: reader)
                add(":") { writer.key(reader.string) }
            case .string:
                try add(textOf: reader)
                add("s") { writer.string(utf8: reader.text) }
            case .number:
                try add(textOf: reader)
                try Self.lookAtNumber(reader)
                add("n") { writer.literal(reader.string) }
            case .end:
                try expect(reader.depth == 0, "the end within something")
                return
            }
        }
    }

    private mutating func add(_ mark: String, _ write: () -> Void) {
        bytes += mark.utf8
        write()
    }

    private mutating func add(textOf reader: JSONReader) throws {
        try expect(String(validating: reader.text, as: UTF8.self) != nil, "a text that is not UTF-8")
        withUnsafeBytes(of: UInt32(reader.text.count)) { bytes += $0 }
        bytes += reader.text
    }

    /// Integers agree with the standard library; a double survives being written.
    private static func lookAtNumber(_ reader: JSONReader) throws {
        try expect(reader.int64 == (reader.isInteger ? Int64(reader.string) : nil), "another integer")
        guard let double = reader.double else { return }
        try expect(double == Double(reader.string), "another double")
        let writer = JSONWriter()
        try expect(writer.double(double), "a finite double is refused")
        var again = JSONReader(writer.bytes)
        try expect(try again.next() == .number, "a double is written as something else")
        try expect(again.double?.bitPattern == double.bitPattern, "a double reads back as another one")
    }
}
