// What a script's own process may say, and when: the rules that stand between a made-up number and the host.

import Testing

@testable import LuaRuntime

@Suite struct ChildBookTests {
    private static func book() -> ChildBook {
        var book = ChildBook(mostTasks: 100)
        book.define(LuaOperation(number: 1, name: "ask", shown: "ask", waits: false))
        book.define(LuaOperation(number: 2, name: "tell", shown: "tell", waits: false, tells: true))
        book.define(LuaOperation(number: 3, name: "wait", shown: "wait", waits: true))
        return book
    }

    private static func running() throws -> ChildBook {
        var book = book()
        try book.loaded(1)
        book.begin(.resuming(1))
        return book
    }

    @Test func anHonestChildIsBelieved() throws {
        var book = try Self.running()
        #expect(book.canResume(LuaTaskID(raw: 1), generation: 0))
        try book.called(1, by: 1, tells: false)
        try book.called(2, by: 1, tells: true)
        try book.spawned(2, by: 1, at: "script.lua:3")
        #expect(book.origin(of: LuaTaskID(raw: 2)) == "script.lua:3")
        try book.waits(LuaTaskID(raw: 1), operation: 3, generation: 1)
        #expect(book.canResume(LuaTaskID(raw: 1), generation: 1) && !book.canResume(LuaTaskID(raw: 1), generation: 0))
        try book.collected(2)
        book.ended(LuaTaskID(raw: 2))
        book.release(LuaTaskID(raw: 2))
        book.begin(.resuming(1))
        try book.spawned(2, by: 1, at: "")  // a number is given again
    }

    typealias Lie = @Sendable (inout ChildBook) throws -> Void
    static let lies: [(String, Lie)] = [
        ("an operation that is not there", { try $0.called(9, by: 1, tells: false) }),
        ("a wait as a call", { try $0.called(3, by: 1, tells: false) }),
        ("a call as a word", { try $0.called(1, by: 1, tells: true) }),
        ("a word as a call", { try $0.called(2, by: 1, tells: false) }),
        ("a call by another task", { try $0.called(1, by: 2, tells: false) }),
        ("a call by no task", { try $0.called(1, by: 0, tells: false) }),
        ("a task with the number of another", { try $0.spawned(1, by: 1, at: "") }),
        ("task 0", { try $0.spawned(0, by: 1, at: "") }),
        ("a child of a task that does not run", { try $0.spawned(2, by: 7, at: "") }),
        ("collecting what is not there", { try $0.collected(5) }),
        ("loading twice", { try $0.loaded(1) }),
        ("waiting for a call", { try $0.waits(LuaTaskID(raw: 1), operation: 1, generation: 1) }),
        ("a wait with an old number", { try $0.waits(LuaTaskID(raw: 1), operation: 3, generation: 0) }),
    ]

    @Test(arguments: Self.lies.indices) func aLieIsRefused(_ index: Int) throws {
        var book = try Self.running()
        #expect(throws: ChildBook.Lie.self, "\(Self.lies[index].0)") { try Self.lies[index].1(&book) }
    }

    @Test func whileOneIsEndedNothingIsSpawned() throws {
        var book = try Self.running()
        book.begin(.killing(1))
        try book.called(1, by: 1, tells: false)
        #expect(throws: ChildBook.Lie.self) { try book.spawned(2, by: 1, at: "") }
    }

    @Test func theScriptsOwnTaskMayCallWhileAnotherEndsTheScript() throws {
        var book = try Self.running()
        try book.spawned(2, by: 1, at: "")
        book.begin(.resuming(2))
        try book.called(1, by: 1, tells: false)
        #expect(throws: ChildBook.Lie.self) { try book.called(1, by: 3, tells: false) }
    }

    @Test func aFinalizerTellsWithoutATask() throws {
        var book = try Self.running()
        try book.called(2, by: 0, tells: true)
        book.begin(.killing(1))
        try book.called(2, by: 0, tells: true)
    }

    @Test func collectedTwiceIsALie() throws {
        var book = try Self.running()
        try book.spawned(2, by: 1, at: "")
        try book.collected(2)
        #expect(throws: ChildBook.Lie.self) { try book.collected(2) }
    }

    @Test(
        arguments: [
            ([], true), ([0], true), ([1, 2, 10], true), ([3, 0, 0, 0, 0, 0, 0, 0, 0], true),
            ([5, 1, 0, 0, 0, 65], true),
            ([6, 0, 0, 0, 0, 8], true), ([7, 0, 0, 0, 0, 1, 2, 8], true), ([11, 1, 0, 0, 0], true),
            ([13, 6, 0, 0, 0, 0, 5, 0, 0, 0, 0, 8], true),
            ([3, 0], false), ([5, 9, 0, 0, 0, 65], false), ([5, 255, 255, 255, 255], false), ([6, 0, 0, 0, 0], false),
            ([6, 0, 0], false), ([7, 0, 0, 0, 0, 1, 8], false), ([8], false), ([13], false), ([13, 0], false),
            ([12, 0, 0, 0, 0], false), ([14], false), ([255], false),
        ] as [([UInt8], Bool)])
    func encodedValuesAreLookedThrough(_ bytes: [UInt8], _ isGood: Bool) {
        #expect(bytes.withUnsafeBytes { EncodedValues.areWellFormed($0) } == isGood)
    }

    @Test func valuesNestedTooDeepAreRefused() {
        func nested(_ depth: Int) -> [UInt8] {
            Array((0..<depth).map { _ in [6, 0, 0, 0, 0] as [UInt8] }.joined()) + [UInt8](repeating: 8, count: depth)
        }
        #expect(nested(100).withUnsafeBytes { EncodedValues.areWellFormed($0) })
        #expect(!nested(10_000).withUnsafeBytes { EncodedValues.areWellFormed($0) })
    }

    @Test func patienceEndsTwoSecondsAfterTheLimit() {
        let start = ContinuousClock.Instant.now
        var patience = ChildPatience(LuaLimits(stretch: .seconds(10), total: .seconds(30)))
        func overdue(_ seconds: Int, asked: Int? = nil) -> LuaStop? {
            patience.overdue(
                start + .seconds(seconds), asked: asked.map { (.interrupt, start + .seconds($0)) })
        }
        #expect(overdue(100) == nil, "while the parent has the turn nothing is late")
        patience.begin(start)
        #expect(overdue(12) == nil && overdue(13) == .stretch)
        #expect(overdue(5, asked: 2) == .interrupt && overdue(3, asked: 2) == nil)
        patience.end(start + .seconds(9))
        patience.begin(start + .seconds(9))
        #expect(overdue(13) == .stretch, "without a rest it is one stretch")
        patience.rest()
        patience.begin(start + .seconds(20))
        #expect(overdue(31) == nil)
        #expect(overdue(20 + 24) == .stretch || overdue(20 + 24) == .total)
    }
}
