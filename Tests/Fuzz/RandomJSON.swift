// JSON from chance, in every spelling that the grammar allows: to be accepted, or to be spoiled afterwards.

import Chance

struct RandomJSON {
    private(set) var bytes: [UInt8] = []

    private static let numbers = [
        "0", "-0", "1", "-1", "12.50", "1e5", "1E+5", "1e-5", "-0.0e0", "9223372036854775807", "-9223372036854775808",
        "9223372036854775808", "9007199254740993", "1e308", "1e309", "5e-324", "1e-400", "0.30000000000000004",
        "1800000000.75", "1e15", "1e14", "00", "1.", "-",
    ]
    private static let escapes = [
        #"\""#, #"\\"#, #"\/"#, #"\b"#, #"\f"#, #"\n"#, #"\r"#, #"\t"#, #"\u0000"#, #"\u001F"#, #"\u00e4"#, #"\u20AC"#,
        #"\ud83e\uddfe"#, #"\uFFFF"#, #"\uFEFF"#, "ä", "€", "🧾", "\u{7F}", "\u{2028}",
    ]
    private static let keys = [
        "id", "status", "amount", "description", "mediaUrl", "expirationTimestamp", "reuseable", "payerDefinedAmount",
        "requestedPayerUserId", "archived", "ignoredByRequestedPayer", "paymentCount", "deletable",
        "mostRecentPayment", "userId", "username", "createdTimestamp", "updatedTimestamp", "payLinkId",
        "transactionHash", "paidByUserId", "relayerTransactionId",
    ]

    mutating func addValue(_ random: inout SplitMix, depth: Int = 0) {
        addSpace(&random)
        switch random.below(depth < 6 ? 12 : 8) {
        case 0: add(random.pick(["true", "false", "null"]))
        case 1, 2: add(random.pick(Self.numbers))
        case 3: add(String(Int64(bitPattern: random.next()) >> Int64(random.below(64))))
        case 4: add(String(Double(Int64(bitPattern: random.next())) / 1e6))
        case 5: add("\"123E4567-e89b-12d3-a456-426614174000\"")
        case 6, 7: addString(&random)
        case 8, 9: addList(&random, "[", "]") { $0.addValue(&$1, depth: depth + 1) }
        default: addObject(&random, depth)
        }
        addSpace(&random)
    }

    /// An object with the keys of a pay link, in any order and with whatever values; id, amount and status most often
    /// so that it is one.
    mutating func addLink(_ random: inout SplitMix) {
        add("{\"id\":\"01a3185c-5000-79cb-b3d3-3b666a1e21da\",\"amount\":12500000,\"status\":")
        add(random.pick(["0", "1", "2", "7", "-3"]))
        for _ in 0..<random.below(12) {
            add(",\"\(random.pick(Self.keys))\":")
            if random.oneIn(4) {
                add("{\"amount\":5,\"id\":\"01a3185c-ffc8-7a11-b7cb-c4a133c2d0f6\"")
                for _ in 0..<random.below(5) {
                    add(",\"\(random.pick(Self.keys))\":")
                    addValue(&random, depth: 4)
                }
                add("}")
            } else {
                addValue(&random, depth: 4)
            }
        }
        add("}")
    }

    private mutating func addObject(_ random: inout SplitMix, _ depth: Int) {
        addList(&random, "{", "}") { json, random in
            json.addSpace(&random)
            if random.oneIn(2) { json.add("\"\(random.pick(Self.keys))\"") } else { json.addString(&random) }
            json.addSpace(&random)
            json.add(":")
            json.addValue(&random, depth: depth + 1)
        }
    }

    private mutating func addList(
        _ random: inout SplitMix, _ open: String, _ close: String,
        _ element: (inout RandomJSON, inout SplitMix) -> Void
    ) {
        add(open)
        addSpace(&random)
        for index in 0..<random.below(5) {
            if index > 0 { add(",") }
            element(&self, &random)
        }
        add(close)
    }

    private mutating func addString(_ random: inout SplitMix) {
        add("\"")
        for _ in 0..<random.below(6) {
            if random.oneIn(2) {
                add(random.pick(Self.escapes))
            } else {
                add(String("The quick brown fox jumps over 13 lazy dogs".prefix(random.below(44))))
            }
        }
        add("\"")
    }

    private mutating func addSpace(_ random: inout SplitMix) {
        if random.oneIn(6) { add(random.pick([" ", "\n", "\r\n", "\t", "  "])) }
    }

    private mutating func add(_ text: String) { bytes += text.utf8 }
}
