// Files that appear whole or not at all, and the targets that are refused.

import Files
import Glibc
import TestSupport
import Testing

@Suite final class AtomicFileTests {
    private let folder: TemporaryFolder
    private let directory: String

    init() throws {
        folder = try TemporaryFolder()
        directory = folder.path
    }

    private var names: [String] { folder.names }

    private func content(_ name: String) -> String? { folder.content(name) }

    private func put(_ text: String, _ name: String) {
        let descriptor = open(directory + "/" + name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        _ = Array(text.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
    }

    private func mode(_ name: String) -> mode_t {
        var status = stat()
        return lstat(directory + "/" + name, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    @Test func createsAFileOnlyAtTheEnd() throws {
        let file = try AtomicFile(path: directory + "/out.csv")
        try file.write("a,b\n")
        #expect(names.count == 1)
        #expect(names.first?.hasPrefix(".out.csv.paylink-") == true)
        var seen: [String] = []
        try file.commit { seen = self.names }
        #expect(seen.count == 1 && seen != ["out.csv"])
        #expect(names == ["out.csv"])
        #expect(content("out.csv") == "a,b\n")
        put("", "other")
        #expect(mode("out.csv") == mode("other"))
    }

    @Test func replacesAFileAndKeepsItsPermissions() throws {
        put("old", "out.csv")
        chmod(directory + "/out.csv", 0o640)
        let file = try AtomicFile(path: directory + "/out.csv")
        try file.write(Array("new".utf8))
        #expect(content("out.csv") == "old")
        try file.commit()
        #expect(content("out.csv") == "new")
        #expect(mode("out.csv") == 0o640)
        #expect(names == ["out.csv"])
    }

    @Test func keepsTheOldFileWhenDiscardedOrDropped() throws {
        put("old", "out.csv")
        let discarded = try AtomicFile(path: directory + "/out.csv")
        try discarded.write("new")
        discarded.discard()
        discarded.discard()
        do {
            let dropped = try AtomicFile(path: directory + "/out.csv")
            try dropped.write("new")
        }
        #expect(names == ["out.csv"])
        #expect(content("out.csv") == "old")
    }

    @Test func refusesToWriteAfterTheEnd() throws {
        let file = try AtomicFile(path: directory + "/out.csv")
        try file.write("a")
        try file.commit()
        #expect(throws: AtomicFile.Failure.self) { try file.commit() }
        #expect(throws: AtomicFile.Failure.self) {
            for _ in 0..<3 { try file.write([UInt8](repeating: 0, count: 40_000)) }
        }
        file.discard()
        #expect(content("out.csv") == "a")
    }

    @Test func writesMoreThanItsBuffer() throws {
        let file = try AtomicFile(path: directory + "/out.csv")
        let line = "0123456789abcde\n"
        for _ in 0..<10_000 { try file.write(line) }
        try file.write(String(repeating: line, count: 20_000))
        try file.write("end")
        try file.commit()
        let text = try #require(content("out.csv"))
        #expect(text.utf8.count == 30_000 * 16 + 3)
        #expect(text == String(repeating: line, count: 30_000) + "end")
    }

    @Test func writesIntoAnOpenDirectory() throws {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY)
        let file = try AtomicFile(directory: descriptor, name: "out.csv", path: "shown/out.csv")
        #expect(file.path == "shown/out.csv")
        close(descriptor)
        try file.write("x")
        try file.commit()
        #expect(content("out.csv") == "x")
    }

    @Test func takesALongName() throws {
        let name = String(repeating: "ä", count: 127)
        let file = try AtomicFile(path: directory + "/" + name)
        try file.commit()
        #expect(names == [name])
        #expect(content(name) == "")
    }

    @Test func refusesASymbolicLink() throws {
        put("old", "real.csv")
        symlink("real.csv", directory + "/link.csv")
        let path = directory + "/link.csv"
        let failure = #expect(throws: AtomicFile.Failure.self) { try AtomicFile(path: path) }
        #expect(
            failure?.description == "cannot write \(path): it is a symbolic link; name the file that it leads to")
        #expect(names == ["link.csv", "real.csv"])
    }

    @Test func refusesWhatIsNoRegularFile() throws {
        mkdir(directory + "/sub", 0o777)
        mkfifo(directory + "/pipe", 0o666)
        for (name, reason) in [("sub", "it is a directory"), ("pipe", "it is no regular file")] {
            let failure = #expect(throws: AtomicFile.Failure.self) { try AtomicFile(path: directory + "/" + name) }
            #expect(failure?.description.contains(reason) == true)
        }
        let failure = #expect(throws: AtomicFile.Failure.self) { try AtomicFile(path: "/dev/full") }
        #expect(failure?.operation == .inspect)
    }

    @Test(arguments: ["", ".", "..", "/", "/tmp/", "a\0b"])
    func refusesAPathThatNamesNoFile(_ path: String) {
        let failure = #expect(throws: AtomicFile.Failure.self) { try AtomicFile(path: path) }
        #expect(failure?.description.contains("the path names no file") == true)
    }

    @Test func saysWhichDirectoryCannotBeWritten() {
        let missing = #expect(throws: AtomicFile.Failure.self) { try AtomicFile(path: directory + "/no/out.csv") }
        #expect(missing?.description == "cannot write \(directory)/no/out.csv: No such file or directory")
        put("", "file")
        let under = #expect(throws: AtomicFile.Failure.self) { try AtomicFile(path: directory + "/file/out.csv") }
        #expect(under?.description == "cannot write \(directory)/file/out.csv: Not a directory")
        let system = #expect(throws: AtomicFile.Failure.self) { try AtomicFile(path: "/proc/out.csv") }
        #expect(system?.operation == .create)
    }

    @Test func reportsARenameThatFailsAndCleansUp() throws {
        let file = try AtomicFile(path: directory + "/sub")
        try file.write("x")
        let path = directory + "/sub"
        let failure = #expect(throws: AtomicFile.Failure.self) {
            try file.commit { mkdir(path, 0o777) }
        }
        #expect(failure?.operation == .rename)
        #expect(names == ["sub"])
    }

    @Test func replacesAnythingByAFileOfItsOwn() throws {
        put("old", "real.json")
        chmod(directory + "/real.json", 0o644)
        symlink("real.json", directory + "/state.json")
        for text in ["first", "second"] {
            let file = try AtomicFile(path: directory + "/state.json", replacing: .anything)
            try file.write(text)
            try file.commit { #expect(self.names.allSatisfy { $0.hasSuffix(".json") || self.mode($0) == 0o600 }) }
            #expect(content("state.json") == text)
            #expect(mode("state.json") == 0o600)
        }
        #expect(content("real.json") == "old", "the link is replaced, not followed")
        mkdir(directory + "/sub", 0o777)
        let failure = #expect(throws: AtomicFile.Failure.self) {
            try AtomicFile(path: directory + "/sub", replacing: .anything).commit()
        }
        #expect(failure?.operation == .rename && failure?.reason == "Is a directory")
        #expect(names == ["real.json", "state.json", "sub"])
    }

    @Test func replacesNothing() throws {
        let path = directory + "/copy.db"
        let file = try AtomicFile(path: path, replacing: .nothing)
        #expect(names == [file.temporaryName])
        try file.write("new")
        try file.commit()
        #expect(names == ["copy.db"])
        #expect(content("copy.db") == "new")
        #expect(mode("copy.db") == 0o600)
        let there = #expect(throws: AtomicFile.Failure.self) { try AtomicFile(path: path, replacing: .nothing) }
        #expect(there?.operation == .inspect && there?.errno == EEXIST)

        let late = try AtomicFile(path: directory + "/late.db", replacing: .nothing)
        try late.write("new")
        let failure = #expect(throws: AtomicFile.Failure.self) { try late.commit { self.put("theirs", "late.db") } }
        #expect(failure?.operation == .rename && failure?.errno == EEXIST)
        #expect(content("late.db") == "theirs")
        #expect(names == ["copy.db", "late.db"])
    }

    /// Whoever is killed before the end leaves the old file, and the new one under another name.
    @Test func aCrashBeforeTheEndLeavesTheOldFile() throws {
        put("old", "out.csv")
        let file = try AtomicFile(path: directory + "/out.csv")
        try file.write("new")
        try file.commit {
            #expect(self.content("out.csv") == "old")
            #expect(self.content(file.temporaryName) == "new")
        }
        #expect(content("out.csv") == "new")
    }
}
