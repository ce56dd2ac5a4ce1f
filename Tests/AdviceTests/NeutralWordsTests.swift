// What a Swift program reads has neither options nor commands in it.

import Advice
import Testing

struct NeutralWordsTests {
    @Test(arguments: Advice.each)
    func nameNeitherOptionNorCommand(_ advice: Advice) {
        let words = AdviceWords.neutral(advice)
        #expect(!words.isEmpty && !words.contains("--") && !words.contains("paylink ") && !words.contains("PAYLINK_"))
    }

    /// A case that is not in the list is not tested.
    @Test func areTestedInEveryCase() {
        #expect(Set(Advice.each.map(\.number)) == Set(1...21))
        #expect(Set(Advice.each).count == Advice.each.count)
    }
}

extension Advice {
    static let each: [Advice] =
        [
            .reading, .writing(nil), .writing("/srv/out"), .reaching("shop.example:443"), .running("pdftotext"),
            .mailing("anna@shop.example"), .untrusted, .linksOfItsOwn, .halfAWall, .linkLimit, .sumLimit,
            .settle(key: "order-1", .link("3f")), .settle(key: "order-1", .anyOfLink),
            .settle(key: "order-1", .anyOfEffect), .settle(key: "order-1", .retry), .retryingEffect, .doubtList,
            .watch(script: nil), .watch(script: "shop.lua"), .thisWatch, .credentials, .mailServer, .settingsFile,
        ] + LedgerFile.allCases.map { .ledger($0) }

    /// Without a default: a new case has to be given its number here.
    fileprivate var number: Int {
        switch self {
        case .reading: 1
        case .writing: 2
        case .reaching: 3
        case .running: 4
        case .mailing: 5
        case .untrusted: 6
        case .linksOfItsOwn: 7
        case .halfAWall: 8
        case .linkLimit: 9
        case .sumLimit: 10
        case .settle(_, .link): 11
        case .settle(_, .anyOfLink): 12
        case .settle(_, .anyOfEffect): 13
        case .settle(_, .retry): 14
        case .retryingEffect: 15
        case .doubtList: 16
        case .watch: 17
        case .thisWatch: 18
        case .ledger: 19
        case .credentials, .mailServer: 20
        case .settingsFile: 21
        }
    }
}
