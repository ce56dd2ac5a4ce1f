// What tests of the ledger work with: a ledger of either engine, the runs on it, and samples.

import Glibc
import OneShotPay
import Synchronization
import Testing

@testable import Ledger

enum Engine: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite, memory, postgres
    /// On a server, with no change in one round trip.
    case stepwise

    var testDescription: String { rawValue }
}

/// A directory of a test's own, removed with it.
final class Scratch: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/paylink-ledger-XXXXXX".utf8CString)
        path = String(cString: mkdtemp(&template))
    }

    deinit { Self.remove(path) }

    func file(_ name: String) -> String { path + "/" + name }

    private static func remove(_ path: String) {
        for name in Directory.names(path) { remove(path + "/" + name) }
        Glibc.remove(path)
    }
}

/// A clock that only tests move.
final class TestClock: Sendable {
    private let seconds = Atomic<Int64>(1_800_000_000)

    var now: Int64 {
        get { seconds.load(ordering: .relaxed) }
        set { seconds.store(newValue, ordering: .relaxed) }
    }
}

/// One ledger, on which stores open as runs of their own.
final class LedgerFixture: Sendable {
    static let scope = LedgerScope(account: "018f5a3c-0000-7000-8000-00000000a11c", baseURL: "https://1shotpay.com")
    static let neighbour = LedgerScope(account: "018f5a3c-0000-7000-8000-00000000b22d", baseURL: scope.baseURL)
    static let sandbox = LedgerScope(account: scope.account, baseURL: "http://127.0.0.1:8402")

    let engine: Engine
    let clock = TestClock()
    let scratch = Scratch()
    private let book = MemoryBook()
    /// A database of its own, once it is needed.
    private let database = Mutex<String?>(nil)

    init(_ engine: Engine = .sqlite) {
        self.engine = engine
    }

    var path: String { scratch.file("ledger.db") }

    var options: SQLiteLedger.Options {
        var options = SQLiteLedger.Options()
        // A store keeps the folder that it lies in: it would notice that its files are gone.
        options.now = { [clock, scratch] in withExtendedLifetime(scratch) { clock.now } }
        options.busyTimeout = .seconds(10)
        return options
    }

    /// Opens the ledger as another run.
    func open(_ scope: LedgerScope? = LedgerFixture.scope) throws -> any LedgerStore {
        switch engine {
        case .sqlite: try sqlite(scope)
        case .memory: MemoryLedger(scope: scope, book: book, now: { [clock] in clock.now })
        case .postgres: try postgres(scope)
        case .stepwise: try postgres(scope) { $0.isQuick = false }
        }
    }

    func postgres(
        _ scope: LedgerScope? = LedgerFixture.scope, _ change: (inout PostgresLedger.Options) -> Void = { _ in }
    ) throws -> PostgresLedger {
        var options = PostgresLedger.Options()
        options.now = { [clock] in clock.now }
        change(&options)
        return try PostgresLedger(
            LedgerServer(address: try address()), scope: scope, run: RunDescription(command: "test"), options: options)
    }

    /// Of the database, made when it is first asked for.
    func address() throws -> String {
        try database.withLock { database in
            if let database { return database }
            let made = try PostgresServer.shared.get().makeLedger()
            database = made
            return made
        }
    }

    func sqlite(
        _ scope: LedgerScope? = LedgerFixture.scope, _ change: (inout SQLiteLedger.Options) -> Void = { _ in }
    ) throws -> SQLiteLedger {
        var options = options
        change(&options)
        return try SQLiteLedger(path: path, scope: scope, run: RunDescription(command: "test"), options: options)
    }

    /// What `kill -9` does to a run: nothing more is written, and its locks are free. The store is used no more.
    func kill(_ store: any LedgerStore) {
        if let store = store as? SQLiteLedger { return store.locks.release() }
        let run = (store as? PostgresLedger)?.lifeline?.run
        store.close()
        guard let run, let address = try? address(), let server = try? PostgresServer.shared.get() else { return }
        // The server sees the end of a session a few milliseconds later.
        guard let connection = try? server.connect(address) else { return }
        for _ in 0..<1_000 {
            let lives = try? connection.query(PostgresSQL.lives, until: .now + .seconds(5)) { $0.bind(run) }.bool(0, 0)
            if lives == false { return }
            usleep(1_000)
        }
    }
}

enum Sample {
    static let ids = (0..<4).map { PayLinkID(high: 0x01a3_185c_5000_79cb, low: 0xb3d3_3b66_6a1e_0000 + $0) }

    static func claim(
        _ key: String? = "order-1", terms: String = #"{"amount":"12.50"}"#, amount: Int64 = 12_500_000,
        resends: Bool = true, isSending: Bool = true
    ) -> LinkClaim {
        LinkClaim(
            key: key, terms: terms, amount: Money(microUSDC: amount), description: "Order 1", resendsInDoubt: resends,
            isSending: isSending)
    }

    static func link(
        _ index: Int = 0, status: Int = 0, page: CheckoutPage = CheckoutPage(baseURL: LedgerFixture.scope.baseURL)
    ) throws -> PayLink {
        let json = """
            {"id":"\(ids[index])","userId":null,"username":"shop","status":\(status),"amount":12500000,\
            "description":"Order \\"1\\" – ünï","mediaUrl":null,"expirationTimestamp":1800000900,"reuseable":false,\
            "payerDefinedAmount":false,"archived":false,"ignoredByRequestedPayer":false,"paymentCount":0,\
            "deletable":true,"createdTimestamp":1800000000,"updatedTimestamp":1800000001}
            """
        return try Array(json.utf8).withUnsafeBytes { try PayLink(json: $0, page: page) }
    }
}

// MARK: One operation at a time

extension LedgerStore {
    func claim(_ claim: LinkClaim = Sample.claim()) throws -> LinkClaimAnswer {
        let answers = try perform([.claim(claim)])
        guard case .claim(let answer) = try #require(answers.first) else { throw UnexpectedAnswer() }
        return answer
    }

    /// Claims what must be granted.
    @discardableResult
    func grant(_ claim: LinkClaim = Sample.claim(), orphans: Int = 0) throws -> LinkRow {
        guard case .granted(let row, let possibleOrphans) = try self.claim(claim) else { throw UnexpectedAnswer() }
        #expect(possibleOrphans == orphans)
        return row
    }

    func change(_ operation: LedgerOperation) throws -> Bool {
        guard case .changed(let hasChanged) = try #require(try perform([operation]).first) else {
            throw UnexpectedAnswer()
        }
        return hasChanged
    }

    func finish(_ row: LinkRow, _ outcome: LinkOutcome) throws -> Bool { try change(.finish(row, outcome)) }

    func effect(_ key: String = "ship", _ mode: EffectClaim.Mode) throws -> EffectClaimAnswer {
        let answers = try perform([.claimEffect(EffectClaim(key: key, mode: mode))])
        guard case .effect(let answer) = try #require(answers.first) else { throw UnexpectedAnswer() }
        return answer
    }

    /// Claims an effect that must be run.
    @discardableResult
    func runEffect(_ key: String = "ship", _ mode: EffectClaim.Mode = .atMost) throws -> (row: EffectRow, token: String)
    {
        guard case .run(let row, let token, _) = try effect(key, mode) else { throw UnexpectedAnswer() }
        return (row, token)
    }

    func record(_ key: String = "order-1") throws -> LinkRecord {
        try #require(try links(keys: [key]).first.flatMap { $0 })
    }

    func doubtful() throws -> [String?] {
        var query = LinkQuery()
        query.isDoubtful = true
        return try links(query).map(\.key)
    }
}

/// The ledger answered with another case than the test asked for.
struct UnexpectedAnswer: Error {}
