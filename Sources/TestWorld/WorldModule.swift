// The operations behind world.lua: what a test does to its world, and what it sees of it.

import HTTPTransport
import LuaRuntime
import NIOCore
import OneShotPay
import Programs
import Recorder
import Sandbox
import Scripting

final class WorldModule: ScriptModule {
    unowned let host: ScriptHost
    let world: TestWorld
    /// The processes that the test has started, by their numbers less one.
    var started: [TestProcess] = []

    init(_ host: ScriptHost, _ world: TestWorld) {
        self.host = host
        self.world = world
    }

    var operations: [Operation] {
        [
            Operation("world_start", untrusted: .granted, .answers(start)),
            Operation("world_batch", untrusted: .granted, .answers(startBatch)),
            Operation("world_batch_result", untrusted: .granted, .answers(writeBatch)),
            Operation("world_join", shown: "world.run", untrusted: .granted, .waits(join)),
            Operation("world_kill", untrusted: .granted, .notes { [unowned self] in process(&$0)?.kill() }),
            Operation("world_finish", untrusted: .granted, .notes { [unowned self] in process(&$0)?.finish() }),
            Operation("world_restart", untrusted: .granted, .answers(restart)),
            Operation(
                "world_listen", untrusted: .granted,
                .notes { [world] in world.desk.listen(to: $0.value()?.stringValue) }),
            Operation("world_question", untrusted: .granted, .waits(nextQuestion)),
            Operation("world_answer", untrusted: .granted, .notes(answer)),
            Operation("world_pay", untrusted: .granted, .answers(pay)),
            Operation("world_end", untrusted: .granted, .answers(end)),
            Operation("world_fault", untrusted: .granted, .answers(addFault)),
            Operation("world_clear_faults", untrusted: .granted, .notes { [world] _ in world.clearFaults() }),
            Operation(
                "world_seen", untrusted: .granted, .answers { [world] in world.write($0.string() ?? "", to: $1) }),
            Operation("world_set", untrusted: .granted, .notes(set)),
            Operation("world_folder", untrusted: .granted, .answers(folder)),
        ]
    }

    // MARK: Processes

    func process(_ arguments: inout LuaReader) -> TestProcess? {
        let number = Int(clamping: arguments.integer() ?? 0)
        return number > 0 && number <= started.count ? started[number - 1] : nil
    }

    /// Arguments: script, its arguments, standard input or nil, the watch's name or nil, the job's name or nil, its slot
    /// or nil, whether it is a dry run, the most links or nil, its working directory or nil. Gives the process's number; or nil and why not.
    private func start(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        do throws(WorldFailure) {
            var order = TestProcess.Order(source: try world.script(named: arguments.string() ?? ""))
            if case .array(let values)? = arguments.value() { order.arguments = values.map { $0.stringValue ?? "" } }
            order.input = arguments.value()?.rawBytes ?? []
            if let name = arguments.value()?.stringValue {
                order.watch = WatchOptions(name: name)
                // Where links that have ended are looked at for a day, each look at the ledger is made.
                order.watch?.pace = .seconds(30)
            }
            let job = arguments.value()?.stringValue
            let slot = arguments.skipNull() ? nil : arguments.integer()
            if let job {
                order.job = JobFacts(
                    job: job, id: Int64(started.count + 1), slot: slot, slotText: nil, missed: [], missedCount: 0)
            }
            order.isDryRun = arguments.boolean() ?? false
            order.maximumLinks = arguments.skipNull() ? nil : arguments.integer().map { Int($0) }
            order.workingFolder = arguments.value()?.stringValue
            if let folder = order.workingFolder, !TestFolder.isFolder(folder) {
                throw WorldFailure("directory: there is no folder \"\(folder)\"")
            }
            reply.integer(try begin(order))
        } catch {
            reply.failure(error.description)
        }
    }

    private func begin(_ order: TestProcess.Order) throws(WorldFailure) -> Int64 {
        let process = try TestProcess(order, world)
        do throws(ScriptFailure) { try process.start() } catch { throw WorldFailure(error.message) }
        started.append(process)
        return Int64(started.count)
    }

    /// Arguments: number, or nil for the newest. Kills it and starts it again. Gives the new number; or nil and why not.
    private func restart(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        guard let process = arguments.skipNull() ? started.last : process(&arguments) else {
            return reply.failure("no script was started")
        }
        process.kill()
        do throws(WorldFailure) { reply.integer(try begin(process.order)) } catch { reply.failure(error.description) }
    }

    /// Arguments: number. Gives status, output, errors, whether it was killed, and the code that it failed with.
    private func join(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        guard let process = process(&arguments) else {
            host.soon { waiter.returns { $0.null() } }
            return nil
        }
        process.onceOver { [host] outcome in
            host.soon {
                waiter.returns { reply in
                    reply.integer(Int64(outcome.status))
                    outcome.output.withUnsafeBytes { reply.string($0) }
                    reply.string(outcome.errors)
                    reply.boolean(outcome.wasKilled)
                    if case .failed(let failure) = outcome.result, let code = failure.code {
                        reply.string(code)
                    }
                }
            }
        }
        return nil
    }

    // MARK: The service

    /// Arguments: link, amount in micro-USDC or nil, delay or nil, whether late, for how long it is hidden or nil. Gives
    /// true; or nil and why not.
    private func pay(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        let named = arguments.string() ?? ""
        let amount = arguments.skipNull() ? nil : arguments.box()
        let delay = arguments.duration()
        if delay == nil { _ = arguments.skip() }
        let isLate = arguments.boolean() ?? false
        let hidden = arguments.skipNull() ? nil : arguments.duration()
        let pay = { [world] in
            try world.pay(try world.existing(named), amount: amount, late: isLate, hidden: hidden)
        }
        guard let delay else { return act(reply, pay) }
        world.later(delay) { [world] in
            do { try pay() } catch { world.fails("world.pay(\"\(named)\") after \(delay): \(error)") }
        }
        reply.boolean(true)
    }

    /// Arguments: link, "archived", "expired" or "ignored". Gives true; or nil and why not.
    private func end(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        let named = arguments.string() ?? ""
        let ending: SandboxService.Ending =
            switch arguments.string() {
            case "archived": .archived
            case "ignored": .ignored
            default: .expired
            }
        act(reply) { [world] in try world.end(try world.existing(named), ending) }
    }

    /// Arguments: the rule as JSON. Gives true; or nil and what is wrong with it.
    private func addFault(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        let text = arguments.string() ?? ""
        act(reply) { [world] in world.add(try Fault(parsing: text)) }
    }

    private func act(_ reply: LuaWriter, _ body: () throws -> Void) {
        do {
            try body()
            reply.boolean(true)
        } catch {
            reply.failure("\(error)")
        }
    }

    // MARK: Surroundings

    /// Arguments: "secret" or "variable", name, value.
    private func set(_ arguments: inout LuaReader) {
        let kind = arguments.string(), name = arguments.string() ?? "", value = arguments.value()?.stringValue ?? ""
        if kind == "secret" { world.secrets[name] = value } else { world.environment[name] = value }
    }

    /// Gives the path of the test's own folder; or nil and why there is none.
    private func folder(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        do throws(TestFolder.Failure) { reply.string(try world.makeFolder()) } catch { reply.failure(error.message) }
    }
}
