// The border between Lua and its host: any bytes read on either side, any value there and back.

import Chance
import LuaRuntime

/// The first byte chooses what is done with the rest.
struct CodecTarget: FuzzTarget {
    static let name = "codec"

    private let raw = RawLua()
    private let echo = LuaEcho()

    func input(_ random: inout SplitMix) -> [UInt8] {
        let choice = random.byte()
        if Self.isRoundTrip(choice) { return [choice] + (0..<8).map { _ in random.byte() } }
        var values = EncodedValues()
        for _ in 0...random.below(3) { values.addValue(&random, depth: 0) }
        if random.oneIn(4) { return [choice] + values.bytes }
        let mutator = Mutator(seeds: [values.bytes] + EncodedValues.seeds, pieces: EncodedValues.pieces)
        if random.oneIn(4) { return [choice] + mutator.make(&random) }
        return [choice] + mutator.mutated(values.bytes, &random)
    }

    mutating func run(_ input: [UInt8], _ tally: inout Tally) throws {
        guard let choice = input.first else { return tally.refuse("too short") }
        if Self.isRoundTrip(choice) {
            return try sendThereAndBack(input, &tally)
        }
        // A copy of its own, so that a look beyond its end is one beyond an allocation.
        try input[1...].withUnsafeBytes { slice in
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: slice.count, alignment: 1)
            defer { bytes.deallocate() }
            bytes.copyMemory(from: slice)
            let values = try ReaderWalk(UnsafeRawBufferPointer(bytes)).run(seed: choice)
            if choice % 4 == 0 {
                try resume(UnsafeRawBufferPointer(bytes), raising: choice % 8 == 0, &tally)
            } else {
                try load(UnsafeRawBufferPointer(bytes), readAs: values, &tally)
            }
        }
    }

    private static func isRoundTrip(_ choice: UInt8) -> Bool { choice >= 192 }

    /// A script's arguments: what Lua accepts, the reader read as well, and comes back the same.
    private func load(
        _ bytes: UnsafeRawBufferPointer, readAs values: [LuaValue], _ tally: inout Tally
    ) throws {
        switch try raw.load(bytes) {
        case .refused(let reason): tally.refuse(reason)
        case .acceptedOnly(let reason):
            tally.accept()
            tally.check(reason)
        case .echoed(let first):
            tally.accept()
            let firstValues = ReaderWalk.values(in: first)
            if !bytes.contains(EncodedValues.recordsTag) {
                try expect(values.count == firstValues.count, "Lua and the reader see other numbers of values")
            }
            let second: [UInt8]
            switch try first.withUnsafeBytes(raw.load) {
            case .echoed(let bytes): second = bytes
            // There is little memory on purpose, and less of it the second time.
            case .refused(let reason) where reason.contains("memory"),
                .acceptedOnly(let reason) where reason.contains("memory"):
                return tally.check(reason)
            case .refused(let reason), .acceptedOnly(let reason):
                throw FuzzFailure(description: "what Lua encoded it does not accept: \(reason)")
            }
            try expect(
                CanonicalForm(firstValues) == CanonicalForm(ReaderWalk.values(in: second)),
                "what Lua encoded reads back as something else")
            tally.check("echoed twice")
        }
    }

    /// The reply to a wait, which a script catches if it cannot be read.
    private func resume(_ bytes: UnsafeRawBufferPointer, raising: Bool, _ tally: inout Tally) throws {
        switch try raw.resume(bytes, raising: raising) {
        case true: tally.accept()
        case false: tally.refuse("raised in the script")
        }
    }

    private func sendThereAndBack(_ input: [UInt8], _ tally: inout Tally) throws {
        var random = SplitMix(input.dropFirst().prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
        let value = RandomValue.make(&random)
        let back = try echo.send(value)
        try expect(
            CanonicalForm([value]) == CanonicalForm([back]), "sent \(value)\ngot \(back)")
        tally.accept()
        tally.check("sent there and back")
    }
}

/// Everything a reader can do, over bytes that may be anything.
struct ReaderWalk {
    private let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Reads the values, and then the bytes once more in other ways.
    func run(seed: UInt8) throws -> [LuaValue] {
        let values = Self.values(in: bytes)
        var skipping = LuaReader(bytes)
        var skipped = 0
        while skipping.skip() { skipped += 1 }
        try expect(skipped >= values.count, "fewer values skipped than read")
        wander(SplitMix(UInt64(seed) &+ UInt64(bytes.count)))
        return values
    }

    static func values(in bytes: UnsafeRawBufferPointer) -> [LuaValue] {
        var reader = LuaReader(bytes)
        var values: [LuaValue] = []
        while let value = reader.value() { values.append(value) }
        return values
    }

    static func values(in bytes: [UInt8]) -> [LuaValue] { bytes.withUnsafeBytes(values) }

    /// Asks for whatever comes to mind, as a host call that expects other arguments would.
    private func wander(_ chance: SplitMix) {
        var random = chance
        var reader = LuaReader(bytes)
        for _ in 0..<40 {
            switch random.below(12) {
            case 0: _ = reader.boolean()
            case 1: _ = reader.integer()
            case 2: _ = reader.number()
            case 3: _ = reader.box()
            case 4: _ = reader.bytes()?.reduce(0) { $0 ^ $1 }
            case 5: _ = reader.string()
            case 6: _ = reader.task()
            case 7, 8: _ = reader.enter()
            case 9: reader.leave()
            case 10: _ = reader.skipNull()
            default: _ = reader.kind == .map ? reader.skip() : reader.value() != nil
            }
        }
    }
}
