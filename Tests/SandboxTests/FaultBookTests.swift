// Which rule strikes which request, and fault rules as JSON.
// What a fault does on the wire is FaultDeliveryTests.

import Testing

@testable import Sandbox

@Suite struct FaultBookTests {
    private func strikes(_ fault: Fault, on endpoint: Fault.Endpoint = .create, requests: Int, seed: UInt64 = 1)
        -> [Bool]
    {
        var book = FaultBook(seed: seed)
        _ = book.add(fault)
        return (0..<requests).map { _ in book.strike(endpoint, now: testStart) != nil }
    }

    @Test func skipsThenStrikesSoManyTimes() {
        let fault = Fault(on: .create, .garbageBody, skip: 2, times: 1)
        #expect(strikes(fault, requests: 5) == [false, false, true, false, false])
    }

    @Test func strikesForEverWithoutACount() {
        #expect(strikes(Fault(on: .any, .garbageBody), requests: 100).allSatisfy { $0 })
    }

    @Test func leavesOtherEndpointsAlone() {
        #expect(strikes(Fault(on: .token, .garbageBody), on: .get, requests: 3) == [false, false, false])
    }

    @Test func repeatsItselfUnderTheSameSeed() {
        let fault = Fault(on: .any, .garbageBody, probability: 0.3)
        let run = strikes(fault, requests: 1_000, seed: 42)
        #expect(run == strikes(fault, requests: 1_000, seed: 42))
        #expect(run != strikes(fault, requests: 1_000, seed: 43))
        #expect((200...400).contains(run.filter { $0 }.count))
    }

    @Test func letsTheFirstRuleThatStrikesDecide() {
        var book = FaultBook(seed: 1)
        _ = book.add(Fault(on: .create, .garbageBody, times: 1))
        let second = book.add(Fault(on: .any, .wrongContentType))
        let actions = [book.strike(.create, now: testStart)?.action, book.strike(.create, now: testStart)?.action]
        #expect(actions == [.garbageBody, .wrongContentType])
        let removals = [book.remove(second), book.remove(second)]
        #expect(removals == [true, false])
        let struck = book.strike(.create, now: testStart)
        #expect(struck == nil)
    }

    /// Every rule survives the way to JSON and back.
    @Test(arguments: [
        Fault(on: .create, .status(503, headers: ["Retry-After": "2"], body: "busy"), skip: 1, times: 2, commits: true),
        Fault(on: .any, .latency(.milliseconds(1_500))), Fault(on: .token, .resetBeforeCommit, probability: 0.25),
        Fault(on: .get, .resetAfterCommit, delay: .seconds(3)), Fault(on: .create, .truncate(at: 10, of: .response)),
        Fault(on: .create, .slowBody(bytesPerSecond: 20)),
        Fault(on: .any, .redirect(to: "http://127.0.0.1:1/", status: 302)),
        Fault(on: .any, .wrongContentType, commits: false), Fault(on: .any, .hugeBody(bytes: 1_000_000)),
        Fault(on: .any, .garbageBody), Fault(on: .any, .revokeTokens, times: 1), Fault(on: .any, .expireTokens),
    ])
    func roundTripsThroughJSON(fault: Fault) throws {
        #expect(try Fault(json: try JSONReader.parse(fault.json.bytes)) == fault)
    }

    @Test(arguments: [
        "[]", "{}", #"{"action": "explode"}"#, #"{"action": "status"}"#, #"{"action": "status", "status": 99}"#,
        #"{"action": "garbage_body", "endpoint": "links"}"#, #"{"action": "garbage_body", "tiems": 1}"#,
        #"{"action": "garbage_body", "at": 1}"#, #"{"action": "truncate"}"#, #"{"action": "truncate", "at": -1}"#,
        #"{"action": "latency", "seconds": -1}"#, #"{"action": "garbage_body", "probability": 2}"#,
        #"{"action": "garbage_body", "times": 0}"#, #"{"action": "status", "status": 503, "headers": {"a": 1}}"#,
        #"{"action": "slow_body", "bytes_per_second": 0}"#, #"{"action": "garbage_body", "commits": 1}"#,
    ])
    func refusesARuleItDoesNotUnderstand(text: String) throws {
        let json = try JSONReader.parse(Array(text.utf8))
        #expect(throws: Refusal.self) { try Fault(json: json) }
    }
}
