// Fault rules limited by time, by a link's age and to one link; and replies that arrive whole but in an odd coat.

import Testing

@testable import Sandbox

@Suite struct FaultLimitTests {
    @Test func holdsForSoLongFromTheFirstStrike() {
        var book = FaultBook(seed: 1)
        _ = book.add(Fault(on: .any, .status(403), span: .seconds(10)))
        let strikes = [100, 105, 109, 110, 200].map { book.strike(.create, now: testStart + .seconds($0)) != nil }
        #expect(strikes == [true, true, true, false, false])
    }

    @Test func strikesOnlyWhatAsksForAYoungLinkOrForOneLink() async throws {
        try await Harness.run { harness in
            let token = try await harness.token()
            let first = try await harness.published()
            harness.sandbox.addFault(Fault(on: .get, .status(404), youngerThan: .seconds(2)))
            let rule = harness.sandbox.addFault(Fault(on: .any, .status(500), linkID: first.uppercased()))
            #expect(try await harness.get(first, token: token).status == 404)
            harness.sandbox.advance(by: .seconds(2))
            let second = try await harness.published()
            #expect(try await harness.get(first, token: token).status == 500)
            #expect(try await harness.get(second, token: token).status == 404)
            harness.sandbox.advance(by: .seconds(2))
            #expect(try await harness.get(second, token: token).status == 200)
            #expect(harness.sandbox.strikes(ofFault: rule) == 1)
        }
    }

    @Test func rulesCanBeInForceFromTheStart() async throws {
        let busy = try Fault(parsing: #"{"endpoint": "create", "action": "status", "status": 403, "for": 10}"#)
        try await Harness.run(SandboxOptions(faults: [busy])) { harness in
            let token = try await harness.token()
            #expect(try await harness.create(token: token).status == 403)
            harness.sandbox.advance(by: .seconds(10))
            #expect(try await harness.create(token: token).status == 200)
        }
    }

    @Test(arguments: [
        Fault(on: .get, .bomBody, span: .milliseconds(1_500), youngerThan: .seconds(3)),
        Fault(on: .any, .gzipBody, linkID: "123e4567-e89b-12d3-a456-426614174000"),
    ])
    func roundTripsThroughJSON(fault: Fault) throws {
        #expect(try Fault(json: try JSONReader.parse(fault.json.bytes)) == fault)
    }

    @Test(arguments: [
        #"{"action": "garbage_body", "for": -1}"#, #"{"action": "garbage_body", "younger_than": "2"}"#,
        #"{"action": "garbage_body", "link": "x"}"#,
        #"{"action": "bom_body", "endpoint": "create", "younger_than": 2}"#,
        #"{"action": "bom_body", "endpoint": "token", "link": "123e4567-e89b-12d3-a456-426614174000"}"#, "", "{",
    ])
    func refusesALimitThatCanNeverHold(text: String) {
        #expect(throws: SandboxError.self) { try Fault(parsing: text) }
    }

    @Test func sendsTheTrueReplyBehindAByteOrderMarkOrCompressed() async throws {
        try await Harness.run { harness in
            let token = try await harness.token()
            harness.sandbox.addFault(Fault(on: .create, .bomBody, times: 1))
            harness.sandbox.addFault(Fault(on: .create, .gzipBody, times: 1))
            let marked = try await harness.create(token: token)
            #expect(marked.status == 200 && marked.body.prefix(3) == [0xEF, 0xBB, 0xBF])
            #expect(try JSONReader.parse(Array(marked.body.dropFirst(3)))["id"]?.stringValue != nil)
            let zipped = try await harness.create(token: token)
            #expect(zipped.status == 200 && zipped.header("Content-Encoding") == "gzip")
            let link = try #require(harness.sandbox.links.last)
            let reply = harness.sandbox.core.perform { interior, now in interior.wire.link(link, now: now).bytes }
            #expect(zipped.body == Gzip.bytes(reply))
            // Whoever does not decompress it finds no id in it.
            #expect(!zipped.text.contains("\"id\"") && !zipped.text.contains(link.id))
            #expect(harness.sandbox.linkCount == 2)
        }
    }

    /// The check value of CRC-32 in every catalogue.
    @Test func checksumsAsGzipDoes() {
        #expect(Gzip.checksum(Array("123456789".utf8)) == 0xCBF4_3926)
    }

    /// The blocks are those that zlib makes of the same texts with its fixed codes.
    @Test(arguments: [
        ("", "03 00 00 00 00 00 00 00 00 00"),
        (#"{"id": "7ü"}"#, "ab 56 ca 4c 51 b2 52 50 32 3f bc 47 a9 16 00 ef dd be 5a 0d 00 00 00"),
    ])
    func compressesAsGzipDoes(text: String, body: String) {
        let bytes = body.split(separator: " ").compactMap { UInt8($0, radix: 16) }
        #expect(Gzip.bytes(Array(text.utf8)) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255] + bytes)
    }

    @Test(arguments: [Duration.seconds(1_200), .seconds(-1_200)])
    func theClockCanBeAheadOrBehind(offset: Duration) {
        let core = SandboxCore.still(SandboxOptions(clockOffset: offset))
        #expect(core.perform { _, now in now } == testStart + offset)
        core.advance(by: .seconds(5))
        #expect(core.perform { _, now in now } == testStart + offset + .seconds(5))
        // What is saved is the moving, not what the option says again at the next start.
        #expect(core.perform { interior, _ in interior.clock.offset } == .seconds(5))
    }

    /// Every reply, a refusal and a page included, is dated by the sandbox's own clock.
    @Test(arguments: [Duration.zero, .seconds(1_200), .seconds(-86_400)])
    func repliesAreDatedByTheSandboxsClock(offset: Duration) async throws {
        try await Harness.run(SandboxOptions(clockOffset: offset)) { harness in
            let token = try await harness.token()
            for path in ["/sandbox/health", "/nowhere", "/"] {
                let reply = try await harness.client.send("GET", path)
                #expect(reply.header("Date") == (testStart + offset).httpDate, "\(path)")
            }
            #expect(try await harness.create(token: token).header("Date") == (testStart + offset).httpDate)
            harness.sandbox.advance(by: .seconds(90))
            let health = try await harness.client.send("GET", "/sandbox/health")
            #expect(health.header("Date") == (testStart + offset + .seconds(90)).httpDate)
            let shown = health.json?["clock_offset_seconds"]
            #expect(shown == .number("\(offset.components.seconds + 90)"), "\(String(describing: shown))")
        }
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (1_835_481_599, "Tue, 29 Feb 2028 23:59:59 GMT"), (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
    ])
    func writesDatesAsHTTPDoes(seconds: Int64, text: String) {
        #expect(SandboxInstant.seconds(seconds).httpDate == text)
    }

    @Test func anExpiryInThePastIsRefusedUnlessAccepted() async throws {
        let late = #"{"amount": 1, "description": "Late", "reuseable": false, "expirationTimestamp": 1799999999}"#
        for accepts in [false, true] {
            try await Harness.run(SandboxOptions(acceptsPastExpiry: accepts)) { harness in
                let reply = try await harness.create(late, token: try await harness.token())
                #expect(reply.status == (accepts ? 200 : 400))
                #expect(reply.json?["status"] == (accepts ? .number("2") : nil))
            }
        }
    }
}
