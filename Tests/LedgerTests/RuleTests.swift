// The rules by themselves: every state with every holder.

import Testing

@testable import Ledger

@Suite struct RuleTests {
    @Test func aLivingRunIsNeverRobbed() {
        for state in [LinkState.prepared, .sent] {
            let standing = LinkStanding(state: state, holder: .run(7), possibleOrphans: 3)
            for resends in [true, false] {
                #expect(ClaimRules.decide(standing, resendsInDoubt: resends) == .busy(run: 7))
            }
            for verdict: LinkVerdict in [.retry, .abandon] {
                #expect(VerdictRules.decide(verdict, on: standing) == nil)
            }
        }
        for mode in EffectClaim.Mode.allCases {
            #expect(EffectRules.decide(EffectStanding(state: .running, holder: .run(7)), mode: mode) == .busy(run: 7))
        }
    }

    @Test func possibleOrphansNeverShrinkByAClaim() {
        for state in LinkState.allCases {
            for holder in [RowHolder.nobody, .interrupted, .run(7)] {
                for resends in [true, false] {
                    let standing = LinkStanding(state: state, holder: holder, possibleOrphans: 3)
                    switch ClaimRules.decide(standing, resendsInDoubt: resends) {
                    case .grant(let orphans), .halt(let orphans): #expect(orphans == (state == .sent ? 4 : 3))
                    default: break
                    }
                }
            }
        }
    }

    @Test func onlyAKeyUnderWhichNothingCanExistTakesOtherTerms() {
        for state in LinkState.allCases {
            let standing = LinkStanding(state: state, holder: .nobody, hasSameTerms: false, possibleOrphans: 0)
            let decision = ClaimRules.decide(standing, resendsInDoubt: true)
            let isFree = state == .rejected || state == .prepared
            #expect(decision == (isFree ? .grant(possibleOrphans: 0) : .otherTerms))
        }
        for (holder, orphans) in [(RowHolder.run(7), 0), (.nobody, 1)] {
            let standing = LinkStanding(state: .prepared, holder: holder, hasSameTerms: false, possibleOrphans: orphans)
            #expect(ClaimRules.decide(standing, resendsInDoubt: true) == .otherTerms)
        }
    }

    @Test func whatIsDoneIsNeverDoneAgain() {
        let done = LinkStanding(state: .done, holder: .nobody, possibleOrphans: 0)
        #expect(ClaimRules.decide(done, resendsInDoubt: true) == .recorded)
        for mode in EffectClaim.Mode.allCases {
            #expect(EffectRules.decide(EffectStanding(state: .done, holder: .nobody), mode: mode) == .ran)
        }
        for verdict: EffectVerdict in [.happened, .retry, .abandon] {
            #expect(EffectRules.decide(verdict, on: EffectStanding(state: .done, holder: .nobody)) == nil)
        }
    }

    @Test func atMostOnceNeverRunsWhatMayHaveHappened() {
        for state in [EffectState.running, .failed] {
            let standing = EffectStanding(state: state, holder: .interrupted)
            #expect(EffectRules.decide(standing, mode: .atMost) == .inDoubt)
            #expect(EffectRules.decide(standing, mode: .atLeast) == .run)
            #expect(EffectRules.decide(standing, mode: .check) == .check)
        }
    }
}
