// A script that goes on after its limit, because code that looks at no clock stands above it.

import Foundation
import LuaRuntime
import Synchronization
import Testing

@Suite struct StuckScriptTests {
    /// A host whose one call returns only when somebody was told that the script is stuck.
    private final class SlowHost: LuaHost {
        let told = DispatchSemaphore(value: 0)
        func call(operation: UInt32, task: LuaTaskID?, arguments: inout LuaReader, reply: LuaWriter) -> Bool {
            _ = told.wait(timeout: .now() + 20)
            return true
        }
        func spawned(_ child: LuaTaskID, by parent: LuaTaskID) -> Bool { false }
        func collected(_ task: LuaTaskID) {}
    }

    private func stops(of script: String, grace: Duration) throws -> (told: [LuaStop], failure: ScriptFailure?) {
        let host = SlowHost()
        let state = try LuaState(limits: LuaLimits(memory: 8 << 20, stretch: .milliseconds(20)), host: host)
        let stops = Stops()
        let told = host.told
        state.tellStuck(after: grace) { stop in
            stops.all.withLock { $0.append(stop) }
            told.signal()
        }
        try state.define(LuaOperation(number: 1, name: "hold", shown: "hold", waits: false))
        try state.runPrelude(Array("hold = (...).hold".utf8), chunk: "=[paylink test]")
        let task = try state.load(Array(script.utf8), chunk: "@test.lua", arguments: [])
        let outcome = state.resume(task, generation: 0)
        guard case .failed(let failure) = outcome else { return (stops.all.withLock { $0 }, nil) }
        return (stops.all.withLock { $0 }, failure)
    }

    private final class Stops: Sendable {
        let all = Mutex<[LuaStop]>([])
    }

    @Test func aCallThatDoesNotReturnIsToldOnce() throws {
        let (told, failure) = try stops(of: "hold() hold()", grace: .milliseconds(20))
        #expect(told == [.stretch])
        #expect(failure?.stop == .stretch)
    }

    @Test func aScriptThatStopsAtItsLimitIsNotStuck() throws {
        let (told, failure) = try stops(of: "while true do end", grace: .seconds(10))
        #expect(told == [])
        #expect(failure?.stop == .stretch)
    }
}
