// Who gets which token, in simulated time.

import JSON
import NIOCore
import Testing

@testable import OneShotPay

@Suite struct TokenStateMachineTests {
    final class Caller {}

    static func token(_ generation: Int, life: Duration, at: Int64 = 0) -> AccessToken {
        AccessToken(generation: generation, value: "t\(generation)", lifetime: life, requestedAt: at.seconds)
    }

    @Test func coldCallersShareOneFetch() {
        var machine = TokenStateMachine<Caller>()
        let answers = (0..<200).map { _ in machine.get(Caller(), refused: nil, now: 0.seconds) }
        #expect(answers.filter(\.startsFetch).count == 1)
        #expect(answers.allSatisfy { $0.token == nil })
        #expect(machine.fetched(Self.token(1, life: .seconds(3_600))).count == 200)
    }

    @Test(arguments: [(3_600, 3_540), (600, 540), (300, 240), (100, 80), (10, 8), (5, 4)] as [(Int64, Int64)])
    func refreshesLateButBeforeTheEnd(life: Int64, refresh: Int64) {
        let token = Self.token(1, life: .seconds(life))
        #expect(token.refreshAt == refresh.seconds && token.expiresAt == life.seconds)
    }

    @Test func refreshesInTheBackgroundWhileTheTokenIsGood() {
        var machine = TokenStateMachine<Caller>()
        _ = machine.get(Caller(), refused: nil, now: 0.seconds)
        _ = machine.fetched(Self.token(1, life: .seconds(100)))
        let early = machine.get(Caller(), refused: nil, now: 79.seconds)
        #expect(early.token?.generation == 1 && !early.startsFetch)
        let late = machine.get(Caller(), refused: nil, now: 80.seconds)
        #expect(late.token?.generation == 1 && late.startsFetch)
        let next = machine.get(Caller(), refused: nil, now: 81.seconds)
        #expect(next.token?.generation == 1 && !next.startsFetch)
        let expired = machine.get(Caller(), refused: nil, now: 100.seconds)
        #expect(expired.token == nil && !expired.startsFetch)
        #expect(machine.fetched(Self.token(2, life: .seconds(100), at: 80)).count == 1)
        #expect(machine.get(Caller(), refused: nil, now: 101.seconds).token?.generation == 2)
    }

    @Test func keepsAGoodTokenWhenItsRefreshFails() {
        var machine = TokenStateMachine<Caller>()
        _ = machine.get(Caller(), refused: nil, now: 0.seconds)
        _ = machine.fetched(Self.token(1, life: .seconds(100)))
        _ = machine.get(Caller(), refused: nil, now: 80.seconds)
        #expect(machine.fetchFailed(now: 81.seconds).isEmpty)
        let soon = machine.get(Caller(), refused: nil, now: 82.seconds)
        #expect(soon.token?.generation == 1 && !soon.startsFetch)
        let later = machine.get(Caller(), refused: nil, now: 87.seconds)
        #expect(later.token?.generation == 1 && later.startsFetch)
    }

    @Test func replacesARefusedTokenOnceForAll() {
        var machine = TokenStateMachine<Caller>()
        _ = machine.get(Caller(), refused: nil, now: 0.seconds)
        _ = machine.fetched(Self.token(1, life: .seconds(3_600)))
        let answers = (0..<50).map { _ in machine.get(Caller(), refused: 1, now: 1.seconds) }
        #expect(answers.filter(\.startsFetch).count == 1)
        #expect(machine.get(Caller(), refused: nil, now: 1.seconds).token == nil)
        #expect(machine.fetched(Self.token(2, life: .seconds(3_600), at: 1)).count == 51)
        // A straggler that was refused the old token gets the new one, not a third.
        let straggler = machine.get(Caller(), refused: 1, now: 2.seconds)
        #expect(straggler.token?.generation == 2 && !straggler.startsFetch)
    }

    @Test func aTokenThatLivesNoTimeServesThoseWhoWaited() {
        var machine = TokenStateMachine<Caller>()
        _ = machine.get(Caller(), refused: nil, now: 0.seconds)
        #expect(machine.fetched(Self.token(1, life: .zero)).count == 1)
        #expect(machine.get(Caller(), refused: nil, now: 1.seconds).startsFetch)
    }

    @Test func failsAllWaitersAndStartsAnew() {
        var machine = TokenStateMachine<Caller>()
        let callers = (0..<3).map { _ in Caller() }
        for caller in callers { _ = machine.get(caller, refused: nil, now: 0.seconds) }
        machine.remove(callers[1])
        #expect(machine.fetchFailed(now: 1.seconds).count == 2)
        #expect(machine.get(Caller(), refused: nil, now: 1.seconds).startsFetch)
    }

    @Test(
        arguments: [
            (#"{"access_token":"abc","expires_in":3600}"#, "abc", 3_600_000),
            (#"{"expires_in":1.5,"access_token":"abc","x":{}}"#, "abc", 1_500),
            (#"{"access_token":"abc"}"#, "abc", 60_000),
            (#"{"access_token":"abc","expires_in":"3600"}"#, "abc", 60_000),
            (#"{"access_token":"abc","expires_in":-5}"#, "abc", 0),
            (#"{"access_token":"abc","expires_in":1e300}"#, "abc", 2_592_000_000),
            (#"{"access_token":""}"#, nil, 0), (#"{"access_token":"a b"}"#, nil, 0),
            (#"{"access_token":"a\r\nX: y"}"#, nil, 0), (#"{"access_token":5}"#, nil, 0),
            (#"{}"#, nil, 0), (#"[]"#, nil, 0), (#"{"access_token":"abc""#, nil, 0), ("", nil, 0),
        ] as [(String, String?, Int64)])
    func readsTokenReplies(json: String, token: String?, milliseconds: Int64) {
        let reply = Array(json.utf8).withUnsafeBytes { TokenReply($0, scratch: JSONScratch()) }
        #expect(reply?.token == token)
        if token != nil { #expect(reply?.lifetime == .milliseconds(milliseconds)) }
    }
}

extension Int64 {
    /// A moment so many seconds after the start of simulated time, which is well after the clock's zero.
    var seconds: NIODeadline { .uptimeNanoseconds(1_000_000_000_000) + .seconds(self) }
}

extension Int {
    var seconds: NIODeadline { Int64(self).seconds }
}
