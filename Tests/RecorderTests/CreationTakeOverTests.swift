// The creation of a link whose row another run has taken over.

import Ledger
import OneShotPay
import Testing

@testable import Recorder

@Suite struct CreationTakeOverTests {
    private let granted = CreationStateMachine.Event.claimed(.success(.granted(7, possibleOrphans: 0)))

    /// Another run took this one for dead while its request was under way: the key's link is what that run says.
    @Test func aRowThatWasTakenOverIsAskedForAgain() {
        var walk = Walk()
        _ = walk(.asked)
        _ = walk(granted)
        _ = walk(.ready(possibleOrphans: 0))
        #expect(walk(.replied(.success(Walk.link))) == "record 7 done, orphans 0")
        #expect(walk(.recorded(.success(false))).hasPrefix("claim"))
    }

    /// The same before its request left, as after a stop: nothing is sent for a row that is somebody else's.
    @Test func aRowThatWasTakenOverBeforeItsRequestLeftIsAskedForAgain() {
        for key in ["A1", nil] {
            var walk = Walk(Walk.order(key: key))
            walk.hasToken = false
            _ = walk(.asked)
            _ = walk(granted)
            _ = walk(.ready(possibleOrphans: 0))
            #expect(walk(.committed(.success(false))) == "withhold")
            #expect(walk(.replied(.failure(Walk.error(.cancelled)))) == "record 7 not sent, orphans 0")
            let next = walk(.recorded(.success(false)))
            #expect(next == (key == nil ? "answer ledger_failed" : "claim"))
            #expect(walk.limits.links == 0)
            guard key != nil else { continue }
            #expect(walk(.claimed(.success(.recorded(Walk.record(.done, link: Walk.link))))) == "answer link")
        }
    }
}
