// The plan of a batch: what is done, what is to be made, what cannot be used.

import Batch
import Ledger
import OneShotPay
import Recorder
import TestSupport
import Testing

@Suite struct BatchCheckTests {
    static let payer = "123e4567-e89b-12d3-a456-426614174000"

    @Test func plansWhatIsNotRecorded() throws {
        let plan = try Fixture("id,amount,description\na,1.50,Mug\nb,2,Cup\n").check()
        #expect(plan.rows == 2)
        #expect(plan.toMake == 2)
        #expect(plan.recorded == 0)
        #expect(plan.rejected == 0)
        #expect(plan.total.description == "3.50")
        #expect(plan.sample.map(\.key) == ["a", "b"])
    }

    @Test func takesARecordedLinkWithTheSameTerms() throws {
        let fixture = try Fixture("id,amount,description\na,1.50,Mug\nb,2,Cup\n")
        // The same terms, written differently.
        try fixture.make("a", "1.500", "Mug")
        let plan = try fixture.check()
        #expect(plan.recorded == 1)
        #expect(plan.toMake == 1)
        #expect(plan.total.description == "2.00")
        #expect(plan.marks[0] == .recorded && plan.marks[1] == .toMake)
    }

    @Test func showsBothTermsOfAReusedKey() throws {
        let fixture = try Fixture("id,amount,description\na,1.51,Mug\n")
        try fixture.make("a", "1.50", "Mug")
        let plan = try fixture.check()
        #expect(plan.rejected == 1)
        let message = try #require(plan.problems.first).description
        #expect(message.hasPrefix("line 2, column \"id\": key \"a\" was used before with other terms"))
        #expect(message.contains("\"amount\":\"1.50\"") && message.contains("\"amount\":\"1.51\""), "\(message)")
    }

    @Test func makesAgainWhatTheServiceRefused() throws {
        let fixture = try Fixture("id,amount,description\na,1.51,Mug\n")
        try fixture.claim("a", "1.50", "Mug") { _ in .rejected(problem: "no", possibleOrphans: 0) }
        #expect(try fixture.check().toMake == 1)
    }

    @Test func sendsAgainWhatIsInDoubtWithoutAPayer() throws {
        let fixture = try Fixture("id,amount,description\na,1.50,Mug\n")
        try fixture.claim("a", "1.50", "Mug")
        #expect(try fixture.check().toMake == 1)
    }

    @Test func leavesToAPersonWhatIsInDoubtWithAPayerAndPlansTheRest() throws {
        let fixture = try Fixture("id,amount,description,payer\na,1.50,Mug,\(Self.payer)\nb,1,Cup,\n")
        try fixture.claim("a", "1.50", "Mug", payer: Self.payer)
        let plan = try fixture.check()
        #expect(plan.toMake == 1)
        #expect(plan.inDoubt == 1)
        #expect(plan.rejected == 0 && plan.problems.isEmpty && plan.reasons.count == 0)
        #expect(plan.marks[0] == .inDoubt && plan.marks[1] == .toMake)
        let doubt = try #require(plan.doubts.first).description
        #expect(doubt.hasPrefix("line 2: in_doubt: ") && doubt.contains("settle the key a"), "\(doubt)")
    }

    /// A real run looks the id up that an earlier request left behind; so it is not to be made, nor for a person.
    @Test(arguments: [nil, Self.payer]) func looksUpWhatIsKnownByItsID(payer: String?) throws {
        let fixture = try Fixture("id,amount,description,payer\na,1.50,Mug,\(payer ?? "")\nb,1,Cup,\n")
        try fixture.claim("a", "1.50", "Mug", payer: payer) { _ in
            .inDoubt(problem: "cut", known: PayLinkID(high: 1, low: 1), possibleOrphans: 1)
        }
        let plan = try fixture.check()
        #expect(plan.toLookUp == 1 && plan.toMake == 1 && plan.inDoubt == 0)
        #expect(plan.marks[0] == .toLookUp && plan.total.description == "1.00")
    }

    @Test func leavesAloneWhatAPersonGaveUpAndPlansTheRest() throws {
        let fixture = try Fixture("id,amount,description\na,1.50,Mug\nb,1,Cup\n")
        try fixture.claim("a", "1.50", "Mug")
        let store = MemoryLedger(scope: Fixture.scope, book: fixture.book)
        defer { store.close() }
        #expect(try store.perform([.resolve(key: "a", .abandon)]) == [.changed(true)])
        let plan = try fixture.check()
        #expect(plan.toMake == 1)
        #expect(plan.abandoned == 1)
        #expect(plan.rejected == 0 && plan.problems.isEmpty)
        #expect(plan.marks[0] == .abandoned && plan.marks[1] == .toMake)
        #expect(try plan.reasons.reader().text(ofRow: 0)?.contains("given up by hand") == true)
    }

    @Test func refusesOtherTermsOfWhatAPersonGaveUp() throws {
        let fixture = try Fixture("id,amount,description\na,1.51,Mug\n")
        try fixture.claim("a", "1.50", "Mug")
        let store = MemoryLedger(scope: Fixture.scope, book: fixture.book)
        defer { store.close() }
        #expect(try store.perform([.resolve(key: "a", .abandon)]) == [.changed(true)])
        #expect(try fixture.check().rejected == 1)
    }

    @Test func refusesAKeyOfAnotherAccount() throws {
        let fixture = try Fixture("id,amount,description\nx,1,Mug\na,1.50,Mug\n")
        try fixture.make("a", "1.50", "Mug")
        let other = LedgerScope(account: "somebody-else", baseURL: Fixture.scope.baseURL)
        let error = try failure { _ = try fixture.check(scope: other) }
        #expect(error.code == .otherAccount)
        #expect(error.message.contains("line 3: key \"a\" is recorded under another account, \(Fixture.scope.account)"))
        // Another address is another world.
        let elsewhere = LedgerScope(account: "somebody-else", baseURL: "http://127.0.0.1:1")
        #expect(try fixture.check(scope: elsewhere).toMake == 2)
    }

    @Test func reportsEverythingInTheOrderOfTheFile() throws {
        let fixture = try Fixture(
            """
            id,amount,description
            a,1,Mug
            b,x,
            a,2,Mug
            c,1
            ,1,"Mug
            """ + "\n\"\nd,3,Cup\n")
        let plan = try fixture.check()
        #expect(plan.rows == 6)
        #expect(plan.rejected == 4)
        #expect(
            plan.problems.map { "\($0.line) \($0.place ?? "")" } == [
                "3 column \"amount\"", "3 column \"description\"", "4 column \"id\"", "5 character 4",
                "6 column \"id\"",
            ])
        #expect(plan.problems[2].message == "\"a\" is the key of line 2, too")
        #expect(plan.toMake == 2)
        #expect((0..<6).map { plan.marks[$0] } == [.toMake, .rejected, .rejected, .rejected, .rejected, .toMake])
    }

    @Test func keepsFewProblemsAndCountsAll() throws {
        let text = "id,amount,description\n" + (0..<2000).map { "k\($0),0,Mug\n" }.joined()
        let plan = try Fixture(text).check()
        #expect(plan.problems.count == 20)
        #expect(plan.problemCount == 2000)
        #expect(plan.reasons.count == 2000)
        #expect(try plan.reasons.reader().text(ofRow: 1999)?.contains("a link needs more than 0") == true)
    }

    @Test func refusesAnExpiryThatHasPassedUnlessTheLinkIsThere() throws {
        let fixture = try Fixture("id,amount,description,expires_at\na,1,Mug,1800000000\nb,1,Mug,1800000001\n")
        let plan = try fixture.check(now: 1_800_000_000)
        #expect(plan.problems.map(\.line) == [2])
        #expect(plan.toMake == 1)
    }

    @Test func appliesCapsToWhatIsToBeMade() throws {
        let fixture = try Fixture("id,amount,description\na,10,Mug\nb,2,Cup\nc,3,Cup\n")
        try fixture.make("a", "10", "Mug")
        let plan = try fixture.check()
        try plan.check(maximumLinks: 2, maximumTotal: try Money(parsing: "5"))
        #expect(throws: BatchError.self) { try plan.check(maximumLinks: 1, maximumTotal: nil) }
        let error = try failure {
            try plan.check(maximumLinks: nil, maximumTotal: try Money(parsing: "4.999999"))
        }
        #expect(error.code == .limitReached)
        #expect(error.message.contains("5.00 USD") && error.message.contains("4.999999"))
    }

    @Test func noticesThatTheFileHasChanged() throws {
        let fixture = try Fixture("id,amount,description\na,1,Mug\n")
        try fixture.folder.append("in.csv", "b,1,Mug\n")
        let error = try failure { _ = try fixture.check() }
        #expect(error.code == .inputFailed)
        #expect(error.message.contains("changed"))
    }

    @Test func tellsHowFarItIsInTheFile() throws {
        let count = 20_000
        let fixture = try Fixture(
            "id,amount,description\n" + (0..<count).map { "k\(10_000 + $0),1,Mug of no. \(10_000 + $0)\n" }.joined())
        var told: [(seen: Int, expected: Int?)] = []
        let check = BatchCheck(input: fixture.input, reader: fixture.reader, lookup: fixture.lookup(), now: 0)
        _ = try check.run { seen, expected throws(BatchError) in told.append((seen, expected)) }
        #expect(told.last.map { $0.seen == count && $0.expected == count } == true)
        let half = try #require(told.first { $0.seen >= count / 2 }?.expected)
        #expect((count * 8 / 10...count * 12 / 10).contains(half))
    }

    /// Keys come again in other chunks, with other terms, and in rows that are bad for another reason as well.
    @Test func namesTheFirstLineOfEveryKeyThatIsThereTwice() throws {
        let text = (0..<3000).map { "k\($0 % 2000),\($0 == 2500 ? "x" : "1"),Mug \($0)\n" }.joined()
        let fixture = try Fixture("id,amount,description\n" + text)
        let plan = try fixture.check()
        #expect(plan.toMake == 2000 && plan.rejected == 1000 && plan.problemCount == 1001)
        let reasons = plan.reasons.reader()
        for row in 2000..<3000 {
            let reason = try reasons.text(ofRow: row) ?? ""
            let says = "column \"id\": \"k\(row - 2000)\" is the key of line \(row - 2000 + 2), too"
            if !reason.hasPrefix(says) || (row == 2500) != reason.contains("amount") {
                Issue.record("\(row): \(reason)")
            }
        }
    }

    @Test func readsManyChunks() throws {
        let count = 3000
        let fixture = try Fixture(
            "id,amount,description\n" + (0..<count).map { "k\($0),1,Mug\n" }.joined())
        for row in stride(from: 0, to: count, by: 7) { try fixture.make("k\(row)", "1", "Mug") }
        let plan = try fixture.check()
        #expect(plan.rows == count)
        #expect((0..<count).allSatisfy { plan.marks[$0] == ($0 % 7 == 0 ? .recorded : .toMake) })
    }
}
