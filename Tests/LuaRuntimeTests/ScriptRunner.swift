// A small host for the runtime's own tests: a few operations, and a loop that resumes whatever is ready.

import Foundation
import LuaRuntime

final class ScriptRunner: LuaHost {
    enum Operation: UInt32, CaseIterable { case echo = 1, fail, wait, join, record, never }

    enum End: Equatable {
        case finished
        case failed(ScriptFailure)
        /// Every task that is left waits for something that nobody will do.
        case stuck
    }

    private(set) var records: [LuaValue] = []
    private(set) var collectedTasks: [LuaTaskID] = []
    private var spawnedTasks: [LuaTaskID] = []
    private var ended: Set<LuaTaskID> = []
    private(set) var failures: [LuaTaskID: ScriptFailure] = [:]
    private(set) var parked: [(task: LuaTaskID, generation: UInt32)] = []
    private(set) var state: LuaState!

    /// What tests run in that do not say: `PAYLINK_TEST_ISOLATION=process` gives each script a process of its own.
    static let isolation: LuaIsolation =
        ProcessInfo.processInfo.environment["PAYLINK_TEST_ISOLATION"] == "process"
        ? .process(ScriptProcessOptions(hasFiles: true, acceptsHalfAWall: true)) : .none

    init(
        _ limits: LuaLimits = LuaLimits(memory: 64 << 20, stretch: .seconds(5)),
        isolation: LuaIsolation = ScriptRunner.isolation
    ) throws {
        state = try LuaState(limits: limits, isolation: limits.failingAllocation == nil ? isolation : .none, host: self)
        for operation in Operation.allCases {
            let waits = [.wait, .join, .never].contains(operation)
            try state.define(
                LuaOperation(
                    number: operation.rawValue, name: "\(operation)", shown: "host.\(operation)", waits: waits))
        }
        try state.runPrelude(Array("host = ...".utf8), chunk: "=[paylink test]")
    }

    func call(operation: UInt32, task: LuaTaskID?, arguments: inout LuaReader, reply: LuaWriter) -> Bool {
        switch Operation(rawValue: operation) {
        case .echo:
            while let value = arguments.value() { reply.value(value) }
            return true
        case .record:
            if let value = arguments.value() { records.append(value) }
            return true
        default:
            reply.value(arguments.value() ?? .null)
            return false
        }
    }

    func spawned(_ child: LuaTaskID, by parent: LuaTaskID) -> Bool {
        spawnedTasks.append(child)
        return true
    }

    func collected(_ task: LuaTaskID) { collectedTasks.append(task) }

    /// Runs a script and all its tasks until the main one ends.
    func run(_ source: String, chunk: String = "@test.lua", arguments: [String] = []) -> End {
        do {
            let main = try state.load(Array(source.utf8), chunk: chunk, arguments: arguments)
            return drive(main)
        } catch {
            return .failed(error)
        }
    }

    private func drive(_ main: LuaTaskID) -> End {
        var ready: [(LuaTaskID, UInt32, [LuaValue])] = [(main, 0, [])]
        var joins: [(joiner: LuaTaskID, generation: UInt32, target: LuaTaskID)] = []
        while true {
            ready += spawnedTasks.map { ($0, 0, []) }
            spawnedTasks = []
            var outcome: LuaOutcome
            let task: LuaTaskID
            if let index = joins.firstIndex(where: { ended.contains($0.target) }) {
                let join = joins.remove(at: index)
                task = join.joiner
                outcome = state.resume(task, generation: join.generation, withResultsOf: join.target)
            } else if !ready.isEmpty {
                let (next, generation, values) = ready.removeFirst()
                task = next
                outcome = state.resume(task, generation: generation) { reply in values.forEach(reply.value) }
            } else {
                return .stuck
            }
            switch outcome {
            case .finished:
                ended.insert(task)
                if task == main { return .finished }
            case .failed(let failure):
                ended.insert(task)
                failures[task] = failure
                if task == main || failure.stop != nil { return .failed(failure) }
            case .waiting(let operation, let generation, var arguments):
                switch Operation(rawValue: operation) {
                case .join: joins.append((task, generation, arguments.task() ?? main))
                case .never: parked.append((task, generation))
                default:
                    state.rest()
                    var values: [LuaValue] = []
                    while let value = arguments.value() { values.append(value) }
                    ready.append((task, generation, values))
                }
            case .stale: break
            }
        }
    }
}

extension ScriptRunner.End {
    var message: String? {
        if case .failed(let failure) = self { failure.message } else { nil }
    }
    var failure: ScriptFailure? {
        if case .failed(let failure) = self { failure } else { nil }
    }
}
