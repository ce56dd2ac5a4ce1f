// What replies tell of the service's clock: as a pure value, and through a client whose server has another time.

import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import OneShotPay

@Suite struct ServiceClockTests {
    private static let start = ContinuousClock.now
    private static let noon: Int64 = 1_800_000_000

    private func instant(_ seconds: Double) -> ContinuousClock.Instant { Self.start + .seconds(seconds) }

    @Test func knowsNothingBeforeAReply() {
        let clock = ServiceClock()
        #expect(!clock.isKnown && clock.earliest(Self.start) == nil)
        #expect(clock.difference(unixTime: Self.noon, now: Self.start) == nil)
    }

    @Test(
        arguments: [
            (local: Self.noon, ahead: nil), (Self.noon + 61, nil), (Self.noon - 60, nil), (Self.noon - 61, -61),
            // A second is cut off, so that a minute ahead is certain only a second later.
            (Self.noon + 62, 62), (Self.noon - 1_200, -1_200), (Self.noon + 1_200, 1_200), (0, -Self.noon),
        ] as [(local: Int64, ahead: Int64?)])
    func moreThanAMinuteIsADifference(local: Int64, ahead: Int64?) {
        var clock = ServiceClock()
        clock.read(Self.noon, roundTrip: .zero, at: Self.start)
        #expect(clock.difference(unixTime: local, now: Self.start)?.secondsAhead == ahead)
    }

    @Test func timeGoesOnWithTheClockThatNobodySets() {
        var clock = ServiceClock()
        clock.read(Self.noon, roundTrip: .milliseconds(10), at: Self.start)
        #expect(clock.earliest(instant(100)) == Self.noon + 100)
        #expect(clock.latest(instant(100)) == Self.noon + 102)
        // This machine's clock is set right after 100 s: the difference is gone at once.
        #expect(clock.difference(unixTime: Self.noon + 100 - 1_200, now: instant(100)) != nil)
        #expect(clock.difference(unixTime: Self.noon + 100, now: instant(100)) == nil)
    }

    @Test func aSlowReplyLeavesRoomForBoth() {
        var clock = ServiceClock()
        clock.read(Self.noon, roundTrip: .seconds(100), at: Self.start)
        #expect(clock.difference(unixTime: Self.noon + 150, now: Self.start) == nil)
        #expect(clock.difference(unixTime: Self.noon + 162, now: Self.start) != nil)
    }

    @Test func theSharperOfTwoThatAgreeIsKept() {
        var clock = ServiceClock()
        clock.read(Self.noon, roundTrip: .milliseconds(1), at: Self.start)
        clock.read(Self.noon + 5, roundTrip: .seconds(20), at: instant(10))
        #expect(clock.latest(instant(10)) == Self.noon + 12)
    }

    @Test func aClockThatWasSetIsBelieved() {
        var clock = ServiceClock()
        clock.read(Self.noon, roundTrip: .zero, at: Self.start)
        clock.read(Self.noon + 3_600, roundTrip: .seconds(9), at: instant(10))
        #expect(clock.earliest(instant(10)) == Self.noon + 3_600)
    }

    @Test(arguments: [
        (-1_200, "1200 s (20 min) behind the service's"), (75, "75 s ahead of the service's"),
        (10_800, "10800 s (3 h) ahead of the service's"), (-864_000, "864000 s (10 days) behind the service's"),
        (Int64.min, "behind the service's"),
    ])
    func saysHowFarAndWhichWay(seconds: Int64, text: String) {
        #expect(ClockDifference(secondsAhead: seconds).description.hasSuffix(text))
    }
}

@Suite struct ServiceClockLiveTests {
    /// Mon, 25 Jan 2027 12:00:00 GMT; the replies' own time.
    private static let noon: Int64 = 1_800_878_400
    private static let noonText = "Mon, 25 Jan 2027 12:00:00 GMT"

    private static func reply(_ body: String, _ headers: String) -> [ServerStep] {
        [.send("HTTP/1.1 200 OK\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")]
    }

    /// What a create with an expiry of 15 minutes sends, and what came of it, by a clock that stands at `local`.
    private func create(
        local: Int64, token: String, create headers: String, body: String = Sample.json(), key: String? = nil
    ) async throws -> (sent: Int64?, result: Result<PayLink, OneShotPayError>, told: [Int64]) {
        let server = try await FaultServer.start(scriptsTokens: true) { request in
            request.isToken
                ? Self.reply(#"{"access_token":"access-1","token_type":"Bearer","expires_in":3600}"#, token)
                : Self.reply(body, headers)
        }
        let told = Mutex<[Int64]>([])
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let configuration = Live.configuration(server)
        let credentials = try Credentials(userID: "merchant", apiToken: Live.secret)
        let result = try await loop.flatSubmit {
            let promise = loop.makePromise(of: Result<PayLink, OneShotPayError>.self)
            do throws(OneShotPayError) {
                var environment = PayLinkEngine.Environment()
                environment.unixTime = { local }
                let engine = try PayLinkEngine(
                    configuration: configuration, credentials: credentials, eventLoop: loop, environment: environment)
                engine.clockObserver = { difference in told.withLock { $0.append(difference.secondsAhead) } }
                var terms = Live.terms
                terms.idempotencyKey = key
                engine.create(terms, expiresIn: .seconds(900)) { result in
                    engine.shutdown { promise.succeed(result) }
                }
            } catch {
                promise.fail(error)
            }
            return promise.futureResult
        }.get()
        await server.stop()
        let sent = server.creates.first.flatMap { request -> Int64? in
            guard let name = request.body.firstRange(of: #""expirationTimestamp":"#) else { return nil }
            return Int64(request.body[name.upperBound...].prefix { $0.isNumber })
        }
        return (sent, result, told.withLock { $0 })
    }

    /// The token's reply tells the time before the first link is made.
    @Test(arguments: [-1_200, 1_200, -86_400 * 365] as [Int64])
    func expiryIsCountedByTheServicesClock(offset: Int64) async throws {
        let outcome = try await create(
            local: Self.noon + offset, token: "Date: \(Self.noonText)\r\n", create: "Date: \(Self.noonText)\r\n")
        let sent = try #require(outcome.sent)
        // As late as the reply could have been made, and no slower machine makes it less.
        #expect(sent >= Self.noon + 901 && sent <= Self.noon + 960)
        #expect(outcome.told.count == 1 && abs((outcome.told.first ?? 0) - offset) <= 60)
        #expect(throws: Never.self) { try outcome.result.get() }
    }

    @Test(arguments: [
        "", "Date: yesterday\r\n", "Date: \(Self.noonText)\r\nAge: 0\r\n", "Date: \(Self.noonText)\r\nAge: 4000\r\n",
    ])
    func whatTellsNoTimeChangesNothing(headers: String) async throws {
        let body = Sample.json().replacing(#""createdTimestamp":1800000000,"#, with: "")
        let outcome = try await create(local: Self.noon - 1_200, token: headers, create: headers, body: body)
        #expect(outcome.sent == Self.noon - 1_200 + 901)
        #expect(outcome.told == [])
    }

    @Test func clocksThatAgreeAreNotSpokenOf() async throws {
        let outcome = try await create(
            local: Self.noon - 30, token: "Date: \(Self.noonText)\r\n", create: "Date: \(Self.noonText)\r\n")
        #expect(outcome.sent == Self.noon - 30 + 901 && outcome.told == [])
    }

    /// A service without a `Date` still says when it made a link; but one that another request may have made tells only
    /// that the service's clock is not earlier.
    @Test(
        arguments: [
            (local: 1_800_000_000 - 1_200, key: nil, told: true), (1_800_000_000 + 1_200, nil, true),
            (1_800_000_000 - 1_200, "key-1", true), (1_800_000_000 + 1_200, "key-1", false),
        ] as [(local: Int64, key: String?, told: Bool)])
    func theTimeOfCreationIsASecondWitness(local: Int64, key: String?, told: Bool) async throws {
        let outcome = try await create(local: local, token: "", create: "", key: key)
        #expect(outcome.told.count == (told ? 1 : 0))
    }

    @Test(arguments: [
        (extra: #","expirationTimestamp":1800000000"#, status: "0"), (#","expirationTimestamp":1"#, "0"),
        (#","expirationTimestamp":1800878400"#, "0"), (#","expirationTimestamp":9999999999"#, "2"), ("", "2"),
    ])
    func aLinkThatHasExpiredWhenItComesBackIsAFailure(extra: String, status: String) async throws {
        let outcome = try await create(
            local: Self.noon, token: "", create: "Date: \(Self.noonText)\r\n",
            body: Sample.json(status: status, extra: extra))
        guard case .failure(let error) = outcome.result else {
            Issue.record("\(outcome.result)")
            return
        }
        #expect(error.code == .expiredOnArrival && error.link?.id == Live.id && error.bytesSent && !error.retryable)
        #expect(error.possibleOrphans == 0)
    }

    /// A paid link, and one that expires later by the service's clock, whatever this machine's says.
    @Test(arguments: [
        (body: Sample.paid(extra: #","expirationTimestamp":1"#), local: Self.noon),
        (Sample.json(extra: #","expirationTimestamp":1800878401"#), Self.noon + 1_200), (Sample.json(), Self.noon),
    ])
    func whatCanBePaidOrIsPaidIsNone(body: String, local: Int64) async throws {
        let outcome = try await create(local: local, token: "", create: "Date: \(Self.noonText)\r\n", body: body)
        #expect(throws: Never.self) { try outcome.result.get() }
    }
}
