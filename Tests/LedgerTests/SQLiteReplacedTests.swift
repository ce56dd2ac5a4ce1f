// A ledger whose files are taken away, exchanged or pointed elsewhere while it is open.

import Glibc
import OneShotPay
import Testing

@testable import Ledger

@Suite struct SQLiteReplacedTests {
    enum Mischief: String, CaseIterable, Sendable {
        case deleted, renamedAway, replacedByACopy, replacedByALinkToItself, replacedByAFolder, folderRenamedAway
        case logDeleted, logEmptied, indexDeleted, locksDeleted

        func happen(to path: String, _ scratch: Scratch) throws {
            switch self {
            case .deleted: unlink(path)
            case .renamedAway: rename(path, path + ".old")
            case .replacedByACopy:
                try Bytes.write(try Bytes.read(path), to: path + ".copy")
                rename(path + ".copy", path)
            case .replacedByALinkToItself:
                rename(path, path + ".old")
                symlink(path + ".old", path)
            case .replacedByAFolder:
                unlink(path)
                mkdir(path, 0o700)
            case .folderRenamedAway: rename(scratch.file("shop"), scratch.file("other"))
            case .logDeleted: unlink(path + "-wal")
            case .logEmptied:
                try Bytes.write([], to: path + "-wal.new")
                rename(path + "-wal.new", path + "-wal")
            case .indexDeleted: unlink(path + "-shm")
            case .locksDeleted: unlink(path + ".runs")
            }
        }
    }

    private func open(_ path: String, _ scope: LedgerScope? = LedgerFixture.scope) throws -> SQLiteLedger {
        try SQLiteLedger(path: path, scope: scope, run: RunDescription(command: "test"))
    }

    private func expectReplaced(_ path: String, _ body: () throws -> Void) {
        let error = #expect(throws: LedgerError.self, performing: body)
        #expect(error?.code == .replaced, "\(String(describing: error))")
        #expect(error?.message.contains(path) == true && error?.message.contains("replaced") == true)
    }

    @Test(arguments: Mischief.allCases)
    func nothingIsGrantedOrReadOnceItsFilesAreNoLongerItsOwn(_ mischief: Mischief) throws {
        let scratch = Scratch()
        defer { withExtendedLifetime(scratch) {} }
        let path = scratch.file("shop/ledger.db")
        let writer = try open(path)
        let reader = try open(path, nil)
        let row = try writer.grant(Sample.claim("before"))
        try mischief.happen(to: path, scratch)
        for key in ["after", "before", "again"] {
            expectReplaced(path) { _ = try writer.claim(Sample.claim(key)) }
        }
        expectReplaced(path) { _ = try writer.finish(row, .notSent(problem: "x", possibleOrphans: 0)) }
        expectReplaced(path) { _ = try writer.record("before") }
        expectReplaced(path) { _ = try reader.links(LinkQuery()) }
        expectReplaced(path) { _ = try writer.openLinks() }
        expectReplaced(path) { _ = try writer.changeMark() }
        writer.close()
        reader.close()
    }

    @Test func aClaimThatIsRefusedIsNotWritten() throws {
        let scratch = Scratch()
        defer { withExtendedLifetime(scratch) {} }
        let path = scratch.file("shop/ledger.db")
        let store = try open(path)
        try store.grant(Sample.claim("before"))
        rename(path, path + ".old")
        expectReplaced(path) { _ = try store.claim(Sample.claim("after")) }
        rename(path + ".old", path)
        // It is in its place again, and so is all that was in it.
        #expect(try store.links(keys: ["before", "after"]).map { $0 != nil } == [true, false])
        try store.grant(Sample.claim("after"))
    }

    @Test func theNewLedgerIsWholeAfterTheOldOneIsClosed() throws {
        let scratch = Scratch()
        defer { withExtendedLifetime(scratch) {} }
        let path = scratch.file("shop/ledger.db")
        let old = try open(path)
        try old.grant(Sample.claim("old"))
        for name in LedgerFile.all(path) { rename(name, name + ".away") }
        let new = try open(path)
        try new.grant(Sample.claim("new"))
        expectReplaced(path) { _ = try old.claim(Sample.claim("late")) }
        old.close()
        try new.grant(Sample.claim("more"))
        new.close()
        let third = try open(path)
        #expect(try third.links(keys: ["old", "new", "late", "more"]).map { $0 != nil } == [false, true, false, true])
    }

    @Test func aFolderThatIsReachedAnotherWayIsTheSameLedger() throws {
        let scratch = Scratch()
        defer { withExtendedLifetime(scratch) {} }
        let path = scratch.file("shop/ledger.db")
        let store = try open(path)
        rename(scratch.file("shop"), scratch.file("other"))
        symlink(scratch.file("other"), scratch.file("shop"))
        try store.grant()
        #expect(try open(path).record().state == .sent)
    }

    @Test func othersThatComeAndGoChangeNothing() throws {
        let fixture = LedgerFixture()
        let store = try fixture.sqlite()
        for index in 0..<5 {
            let other = try fixture.sqlite { $0.checkpointPages = 1 }
            try other.grant(Sample.claim("other-\(index)"))
            other.close()
            try store.grant(Sample.claim("own-\(index)"))
        }
        try store.backup(to: fixture.scratch.file("copy.db"))
        try store.grant(Sample.claim("last"))
    }
}
