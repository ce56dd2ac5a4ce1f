// The control calls under /sandbox/, and who may not make them.
// Fault rules as JSON are FaultBookTests.

import Testing

@testable import Sandbox

/// The control calls under /sandbox/, over a real socket.
@Suite struct ControlTests {
    @Test func paysArchivesIgnoresAndExpires() async throws {
        try await Harness.run { harness in
            let client = harness.client
            let paid = try await harness.published()
            let reply = try await client.send("POST", "/sandbox/pay/\(paid)", body: #"{"amount": "0.10"}"#)
            #expect(reply.json?["mostRecentPayment"]?["amount"] == .number("100000"))
            #expect(try await client.send("POST", "/sandbox/pay/\(paid)").status == 409)
            let other = try await harness.published()
            #expect(
                try await client.send("POST", "/sandbox/ignore/\(other)").json?["ignoredByRequestedPayer"]
                    == .bool(true))
            #expect(try await client.send("POST", "/sandbox/archive/\(other)").json?["archived"] == .bool(true))
            #expect(try await client.send("POST", "/sandbox/expire/\(other)").json?["status"] == .number("2"))
            #expect(try await client.send("POST", "/sandbox/pay/nothing").status == 404)
            #expect(
                harness.sandbox.record.map(\.kind).filter { $0 != .request && $0 != .created } == [
                    .paid, .ignored, .archived, .expired,
                ])
        }
    }

    @Test func movesTheClock() async throws {
        try await Harness.run { harness in
            let reply = try await harness.client.send("POST", "/sandbox/advance", body: #"{"seconds": 1.5}"#)
            #expect(reply.json?["time_ms"] == .integer(testStart.milliseconds + 1_500))
            let back = try await harness.client.send("POST", "/sandbox/advance", body: #"{"seconds": -600}"#)
            #expect(back.json?["time_ms"] == .integer(testStart.milliseconds - 598_500))
            #expect(back.json?["clock_offset_seconds"] == .number("-598.5"))
            for body in [
                "", "{}", #"{"seconds": "1"}"#, #"{"second": 1}"#, #"{"seconds": 1e300}"#, "x",
            ] {
                #expect(try await harness.client.send("POST", "/sandbox/advance", body: body).status == 400, "\(body)")
            }
        }
    }

    @Test func addsListsAndRemovesFaults() async throws {
        try await Harness.run { harness in
            let client = harness.client
            let rule = #"{"endpoint": "token", "action": "status", "status": 503, "times": 1}"#
            #expect(try await client.send("POST", "/sandbox/faults", body: rule).json?["id"] == .number("1"))
            #expect(try await client.send("POST", "/sandbox/faults", body: #"{"action": "x"}"#).status == 400)
            #expect(try await harness.token() == "")
            let faults = try await client.send("GET", "/sandbox/faults").json?["faults"]
            #expect(try faults.elements.first?["struck"] == .number("1"))
            #expect(try await client.send("DELETE", "/sandbox/faults/1").status == 200)
            #expect(try await client.send("DELETE", "/sandbox/faults/1").status == 404)
        }
    }

    @Test func showsLinksAndTheRecordInPages() async throws {
        try await Harness.run { harness in
            let ids = [try await harness.published(), try await harness.published()]
            let links = try await harness.client.send("GET", "/sandbox/links?last=1").json
            #expect(links?["count"] == .number("2"))
            #expect(try links?["links"].elements.map { $0["id"]?.stringValue } == [ids[1]])
            let page = try await harness.client.send("GET", "/sandbox/record?since=1&limit=2").json
            #expect(try page?["entries"].elements.map { $0["seq"] } == [.number("2"), .number("3")])
            #expect(try await harness.client.send("GET", "/sandbox/record?since=x").status == 400)
        }
    }

    @Test func endsTokens() async throws {
        try await Harness.run { harness in
            for call in ["revoke-tokens", "expire-tokens"] {
                let token = try await harness.token()
                #expect(try await harness.client.send("POST", "/sandbox/\(call)").status == 200)
                #expect(try await harness.create(token: token).status == 401)
            }
        }
    }

    @Test func refusesOtherSites() async throws {
        try await Harness.run { harness in
            let id = try await harness.published()
            let client = harness.client
            for path in ["/sandbox/pay/\(id)", "/en/link/\(id)/pay"] {
                let foreign = try await client.send("POST", path, headers: ["Origin": "https://evil.example"])
                #expect(foreign.status == 403)
                #expect(try await client.send("POST", path, headers: ["Host": "evil.example"]).status == 421)
            }
            #expect(try await client.send("GET", "/sandbox/record", headers: ["Host": "evil.example"]).status == 421)
            #expect(harness.sandbox.link(id)?.paymentCount == 0)
        }
    }
}

extension Optional<JSONValue> {
    /// The elements of what must be an array.
    fileprivate var elements: [JSONValue] {
        get throws {
            guard case .array(let elements) = try #require(self) else {
                throw NoArray(found: self)
            }
            return elements
        }
    }
}

private struct NoArray: Error {
    let found: JSONValue?
}
