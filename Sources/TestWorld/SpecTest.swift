// One run of a test's own script: to list its tests, or to run one of them. What it says is noted here.

import LuaRuntime
import Scripting

/// A test as its file names it.
package struct TestName: Sendable, Hashable {
    /// Which of its file it is, from 1.
    package var number: Int
    package var name: String
    package var tags: [String]
    /// Where it is defined: `shop_test.lua:12`.
    package var place = ""
}

/// What has become of a test.
package struct TestVerdict: Sendable, Hashable {
    package enum State: String, Sendable {
        case passed, failed, error, pending
    }

    package var state: State
    package var message = ""
    /// What was wanted and what there was, where an assertion says so.
    package var expected: String?
    package var actual: String?
    /// The lines of scripts that led there.
    package var traceback = ""

    package init(state: State, message: String = "", traceback: String = "") {
        self.state = state
        self.message = message
        self.traceback = traceback
    }
}

/// What the test's own script is there for, and what it has said.
final class SpecTest {
    /// Which test to run; `nil`: list them.
    let number: Int?
    private(set) var names: [TestName]?
    private(set) var verdict: TestVerdict?

    init(number: Int?) { self.number = number }

    /// Its words: assertions, spies, blocks of tests, the world.
    static var lua: [LuaFile] {
        [
            LuaFile(name: "values", text: PackageResources.values_lua),
            LuaFile(name: "assert", text: PackageResources.assert_lua),
            LuaFile(name: "words", text: PackageResources.words_lua),
            LuaFile(name: "spy", text: PackageResources.spy_lua),
            LuaFile(name: "spec", text: PackageResources.spec_lua),
            LuaFile(name: "handlers", text: PackageResources.world_handlers_lua),
            LuaFile(name: "batch", text: PackageResources.world_batch_lua),
            LuaFile(name: "world", text: PackageResources.world_lua),
        ]
    }

    var isThrough: Bool { names != nil || verdict != nil }

    func list(_ names: [TestName]) { self.names = names }
    func judge(_ verdict: TestVerdict) { self.verdict = verdict }
}

/// The operations behind spec.lua.
final class SpecModule: ScriptModule {
    private unowned let host: ScriptHost
    private let test: SpecTest

    init(_ host: ScriptHost, _ test: SpecTest) {
        self.host = host
        self.test = test
    }

    var operations: [Operation] {
        [
            Operation(
                "test_number", untrusted: .granted,
                .answers { [test] _, reply in
                    if let number = test.number { reply.integer(Int64(number)) } else { reply.null() }
                }),
            Operation("test_listed", untrusted: .granted, .notes(list)),
            Operation("test_result", untrusted: .granted, .notes(judge)),
        ]
    }

    /// The file has said which tests there are: now they are listed, or one is run.
    func mainTaskEnded() {
        host.spawnForMain(Array("local host = ... host.run_spec()".utf8), chunk: "=[paylink test]", arguments: [])
    }

    /// Arguments: names, tags of each joined by spaces, whether each is pending, where each is defined.
    private func list(_ arguments: inout LuaReader) {
        func items(_ value: LuaValue?) -> [LuaValue] {
            if case .array(let items)? = value { items } else { [] }
        }
        let names = items(arguments.value()), tags = items(arguments.value())
        _ = arguments.skip()
        let places = items(arguments.value())
        guard names.count == tags.count, names.count == places.count else { return test.list([]) }
        test.list(
            names.indices.map { index in
                TestName(
                    number: index + 1, name: names[index].stringValue ?? "",
                    tags: (tags[index].stringValue ?? "").split(separator: " ").map(String.init),
                    place: places[index].stringValue ?? "")
            })
    }

    /// Arguments: state, message, what was expected or nil, what there was or nil, traceback.
    private func judge(_ arguments: inout LuaReader) {
        let state = arguments.string().flatMap(TestVerdict.State.init(rawValue:)) ?? .error
        var verdict = TestVerdict(state: state)
        verdict.message = arguments.value()?.stringValue ?? ""
        verdict.expected = arguments.value()?.stringValue
        verdict.actual = arguments.value()?.stringValue
        verdict.traceback = arguments.value()?.stringValue ?? ""
        test.judge(verdict)
    }
}
