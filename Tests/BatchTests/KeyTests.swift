// Which keys a file has, and which of them twice.

import Batch
import TestSupport
import Testing

@Suite struct KeySetTests {
    @Test func remembersEveryHash() {
        var set = KeySet()
        let hashes = (0..<20_000).map { KeySet.hash("order-\($0)") }
        #expect(hashes.filter { set.insert($0) }.count == 20_000)
        #expect(hashes.filter { set.insert($0) }.isEmpty)
        #expect(set.count == 20_000)
        #expect(hashes.allSatisfy { set.contains($0) })
        #expect(!set.contains(KeySet.hash("order-20000")))
        #expect(!set.contains(KeySet.hash("")))
    }

    @Test func findsItsWayAroundTheEnd() {
        // All of these belong to the last place of a table of 1,024.
        var set = KeySet()
        let hashes = (1...600).map { UInt64($0) << 10 | 1023 }
        #expect(hashes.filter { set.insert($0) }.count == 600)
        #expect(hashes.allSatisfy { set.contains($0) })
        #expect(!set.contains(601 << 10 | 1023))
    }
}

@Suite struct BatchKeysTests {
    private func keys(_ text: String) throws -> BatchKeys {
        let folder = try TemporaryFolder()
        let input = try BatchInput(path: try folder.write("in.csv", text))
        return try BatchKeys(input, key: 0) { () throws(BatchError) in }
    }

    @Test func findsNoDuplicatesWhereThereAreNone() throws {
        let keys = try keys("id,n\n" + (0..<5000).map { "k\($0),\($0)\n" }.joined())
        #expect(keys.keys.count == 5000)
        #expect(keys.duplicates == 0)
    }

    @Test func namesTheLineOfTheFirst() throws {
        let keys = try keys("id,n\na,1\nb,\"x\ny\"\na,3\nc,4\na,5\nb,6\n")
        #expect((0..<6).map { keys.lineOfFirst(ofRow: $0) } == [nil, nil, 2, nil, 2, 3])
    }

    @Test func findsVeryManyDuplicates() throws {
        let count = 3000
        let keys = try keys("id,n\n" + (0..<2 * count).map { "k\($0 % count),\($0)\n" }.joined())
        #expect(keys.duplicates == count)
        #expect((0..<count).allSatisfy { keys.lineOfFirst(ofRow: $0) == nil })
        #expect((0..<count).allSatisfy { keys.lineOfFirst(ofRow: count + $0) == $0 + 2 })
    }

    @Test func leavesOutBadRowsAndEmptyKeys() throws {
        let keys = try keys("id,n\na,1\n,2\n,3\na,4,5\nb,6\n")
        #expect(keys.keys.count == 2)
        #expect(keys.duplicates == 0)
    }

    @Test func comparesByteByByte() throws {
        // Composed and decomposed: one character for people, two keys for the ledger.
        #expect(try keys("id,n\n\u{E9},1\ne\u{301},2\n").duplicates == 0)
    }

    @Test func stopsWhenAsked() throws {
        let folder = try TemporaryFolder()
        let input = try BatchInput(path: try folder.write("in.csv", "id\na\n"))
        let error = try failure {
            _ = try BatchKeys(input, key: 0) { () throws(BatchError) in throw BatchError(.interrupted, "now") }
        }
        #expect(error.code == .interrupted)
    }
}

@Suite struct RowSpoolTests {
    @Test(arguments: [10, 200_000]) func givesBackWhatItTookInOrder(_ count: Int) throws {
        // The larger one does not fit into memory's share.
        let folder = try TemporaryFolder()
        var spool = RowSpool(folders: [folder.path])
        for number in 0..<count {
            try spool.append(row: number * 3, line: number + 2, key: "k\(number)", "text \(number) of a row, and more")
        }
        #expect(spool.count == count)
        #expect(folder.names.isEmpty, "its file has no name")
        let texts = spool.reader(), rows = spool.reader()
        var found = 0
        for row in 0..<count * 3 + 3 {
            guard let text = try texts.text(ofRow: row) else { continue }
            found += 1
            let entry = try rows.next()
            let number = row / 3
            if row % 3 != 0 || text != "text \(number) of a row, and more"
                || entry != RowSpool.Entry(row: row, line: number + 2, key: "k\(number)", text: text)
            {
                Issue.record("row \(row): \(text), \(String(describing: entry))")
            }
        }
        #expect(found == count)
        #expect(try rows.next() == nil)
    }

    @Test func keepsTextsOfAnyLength() throws {
        var spool = RowSpool()
        let texts = [0, 1, 65_535, 65_536, 300_000].map { String(repeating: "é", count: $0) }
        for (row, text) in texts.enumerated() { try spool.append(row: row, line: row, text) }
        let reader = spool.reader()
        for text in texts { #expect(try reader.next()?.text == text) }
    }

    @Test(arguments: [("/proc/self", "no temporary file can be made in /proc/self"), ("/dev/full", "/dev/full")])
    func saysWhereItCannotKeepThem(_ folder: String, _ says: String) throws {
        var spool = RowSpool(folders: [folder])
        let text = String(repeating: "x", count: 5 << 20)
        let error = try failure { try spool.append(row: 0, line: 2, text) }
        #expect(error.code == .outputFailed)
        #expect(error.message.contains(says), "\(error)")
    }
}

@Suite struct RowMarksTests {
    @Test func keepsAMarkForEveryRow() {
        var marks = RowMarks()
        let all: [RowMarks.Mark] = [.toMake, .recorded, .rejected, .toMake]
        for mark in all { marks.append(mark) }
        #expect((0..<4).map { marks[$0] } == all)
        #expect(marks[4] == .rejected)
    }
}
