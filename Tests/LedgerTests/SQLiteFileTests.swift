// Where a ledger lies: what is made, with which rights, and what is said when that cannot be.

import Glibc
import OneShotPay
import Testing

@testable import Ledger

@Suite struct SQLiteFileTests {
    private func open(_ path: String, creates: Bool = true) throws -> SQLiteLedger {
        var options = SQLiteLedger.Options()
        options.createsFile = creates
        return try SQLiteLedger(
            path: path, scope: LedgerFixture.scope, run: RunDescription(command: "test"), options: options)
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    @Test func makesDirectoriesAndFilesForTheOwnerOnly() throws {
        let scratch = Scratch()
        let path = scratch.file("state/paylink/ledger.db")
        let store = try open(path)
        try store.grant()
        #expect(store.path == path)
        for directory in ["state", "state/paylink"] { #expect(mode(scratch.file(directory)) == 0o700) }
        for suffix in ["", "-wal", "-shm", ".runs"] { #expect(mode(path + suffix) == 0o600, "\(suffix)") }
    }

    @Test func marksTheFileAsALedger() throws {
        let fixture = LedgerFixture()
        try fixture.sqlite().close()
        let bytes = try Bytes.read(fixture.path)
        #expect(String(decoding: bytes[68..<72], as: UTF8.self) == "pylk")
    }

    @Test func takesAnEmptyFileForANewLedger() throws {
        let scratch = Scratch()
        try Bytes.write([], to: scratch.file("ledger.db"))
        try open(scratch.file("ledger.db")).grant()
    }

    @Test func followsASymbolicLinkToTheRealFile() throws {
        let scratch = Scratch()
        let real = try open(scratch.file("a/ledger.db"))
        try real.grant()
        symlink(real.path, scratch.file("link.db"))
        let other = try open(scratch.file("link.db"))
        #expect(other.path == real.path)
        #expect(try other.claim() == .busy(run: try real.record().run), "the locks are the same")
    }

    @Test(arguments: ["file:ledger.db?mode=memory", ":memory:", "ledger.db?x", "l e'd\"g%20er.db", "ledger-ü.db"])
    func takesEveryNameForAPlainFile(name: String) throws {
        let scratch = Scratch()
        try open(scratch.file(name)).grant()
        #expect(try open(scratch.file(name), creates: false).record().state == .sent)
    }

    @Test func namesWhatIsWrongWithAPath() throws {
        let scratch = Scratch()
        try Bytes.write([1], to: scratch.file("plain"))
        symlink(scratch.file("nowhere"), scratch.file("dangling"))
        mkfifo(scratch.file("pipe"), 0o600)
        let cases: [(path: String, code: LedgerError.Code, words: [String])] = [
            ("", .failed, ["path is empty", "give a file"]),
            (scratch.path, .failed, [scratch.path, "is a directory", "/ledger.db"]),
            (scratch.file("new/"), .failed, ["names a directory"]),
            (scratch.file("plain/ledger.db"), .failed, ["plain", "Not a directory"]),
            (scratch.file("plain/a/ledger.db"), .failed, ["plain", "Not a directory"]),
            (scratch.file("dangling"), .failed, ["dangling", "symbolic link"]),
            (scratch.file("pipe"), .failed, ["pipe", "no regular file"]),
            ("/proc/ledger.db", .failed, ["/proc/ledger.db"]),
            ("/proc/none/ledger.db", .failed, ["/proc/none", "cannot create the directory"]),
            (scratch.file(String(repeating: "n", count: 300)), .failed, ["File name too long"]),
        ]
        for (path, code, words) in cases {
            let error = #expect(throws: LedgerError.self, "\(path)") { try open(path) }
            #expect(error?.code == code, "\(path)")
            for word in words { #expect(error?.message.contains(word) == true, "\(error?.message ?? "")") }
        }
    }

    @Test func makesNothingWhenItMayNotCreate() throws {
        let scratch = Scratch()
        let error = #expect(throws: LedgerError.self) { try open(scratch.file("a/ledger.db"), creates: false) }
        #expect(error?.message.contains("there is no ledger at \(scratch.file("a/ledger.db"))") == true)
        #expect(mode(scratch.file("a")) == 0)
    }

    @Test func saysThatItMayNotWrite() throws {
        let scratch = Scratch()
        let path = scratch.file("state/ledger.db")
        try open(path).close()
        chmod(scratch.path, 0o755)
        let cases: [(name: String, prepare: () -> Void, path: String)] = [
            ("the directory for a new one", { chmod(scratch.file("state"), 0o555) }, scratch.file("state/new.db")),
            ("its parent", { chmod(scratch.file("state"), 0o555) }, scratch.file("state/deeper/new.db")),
            ("the directory of an old one", { unlink(path + ".runs") }, path),
            (
                "the file",
                {
                    chmod(path, 0o444)
                    chmod(scratch.file("state"), 0o777)
                }, path
            ),
            ("reading either", { chmod(path, 0o000) }, path),
            ("entering the directory", { chmod(scratch.file("state"), 0o000) }, path),
        ]
        for (name, prepare, path) in cases {
            prepare()
            let error = #expect(throws: LedgerError.self, "\(name)") { try Rights.withoutPrivilege { try open(path) } }
            #expect(error?.code == .readOnly, "\(name): \(error?.message ?? "")")
            #expect(error?.message.contains(scratch.file("state")) == true, "\(error?.message ?? "")")
            #expect(error?.message.contains("give another file") == true, "\(error?.message ?? "")")
        }
        chmod(scratch.file("state"), 0o755)
    }

    @Test(arguments: [
        (["XDG_STATE_HOME": "/s", "HOME": "/h"], "/s/paylink/ledger.db"),
        (["HOME": "/h"], "/h/.local/state/paylink/ledger.db"),
        (["XDG_STATE_HOME": "", "HOME": "/h"], "/h/.local/state/paylink/ledger.db"),
        (["XDG_STATE_HOME": "relative", "HOME": "/h"], "/h/.local/state/paylink/ledger.db"),
    ])
    func liesWhereTheStandardSays(environment: [String: String], path: String) throws {
        #expect(try SQLiteLedger.defaultPath(environment: environment) == path)
    }

    @Test func asksForAPathWhereThereIsNoHome() {
        let error = #expect(throws: LedgerError.self) { try SQLiteLedger.defaultPath(environment: ["HOME": ""]) }
        #expect(error?.message.hasSuffix("; give a file") == true)
    }
}

/// Running something as a user to whom the rights of files apply.
enum Rights {
    /// Tests may run as root, whom no permission bit stops. The file system identity belongs to one thread and takes
    /// that power away from it alone. Glibc's function is not in its module.
    static func withoutPrivilege<Value>(_ body: () throws -> Value) rethrows -> Value {
        guard geteuid() == 0 else { return try body() }
        typealias SetIdentity = @convention(c) (uid_t) -> Int32
        // Safe because: this is the function's C type, and libc has had it for as long as Linux.
        let set = unsafeBitCast(dlsym(nil, "setfsuid"), to: SetIdentity.self)
        _ = set(65_534)
        defer { _ = set(0) }
        return try body()
    }
}

/// Whole files as bytes.
enum Bytes {
    static func read(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return bytes
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }
}
