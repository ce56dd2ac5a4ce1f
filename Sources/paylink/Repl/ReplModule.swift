// The operations behind repl.lua: lines, interruptions, completions and what is shown, on the script's event loop.

import Console
import LuaRuntime
import NIOCore
import OneShotPay
import ScriptCheck
import Scripting
import TestWorld

final class ReplModule: ScriptModule {
    /// What a terminal and signals tell it.
    enum Event: Sendable {
        case typed(LineEditor.Typed)
        /// Ctrl-C while something runs.
        case interrupt
        case complete(before: [UInt8], ticket: Int)
    }

    private static let parts = [
        "values": ShownValues.lua, "show": PackageResources.show_lua, "complete": PackageResources.complete_lua,
    ]
    private static let codes = Set(ErrorCatalog.all.map(\.code))

    private unowned let host: ScriptHost
    private let session: ReplSession
    /// Who waits for each of these.
    private var reader: Waiter?
    private var runner: (number: Int64, waiter: Waiter)?
    private var interrupter: Waiter?
    private var completer: Waiter?
    private var wanted: (before: [UInt8], ticket: Int)?
    private var returned: Int64 = 0

    init(_ host: ScriptHost, _ session: ReplSession) {
        self.host = host
        self.session = session
    }

    var operations: [Operation] {
        [
            Operation("repl_part", untrusted: .granted, .answers { Self.writePart(&$0, $1) }),
            Operation("repl_script", untrusted: .granted, .answers { [session] in session.writeScript(&$0, $1) }),
            Operation("repl_locals", untrusted: .granted, .answers { Self.writeLocals(&$0, $1) }),
            Operation(
                "repl_explains", untrusted: .granted,
                .answers { $1.boolean(Self.codes.contains($0.string() ?? "")) }),
            Operation(
                "repl_has_payer", untrusted: .granted, .answers { [session] in $1.boolean(session.server != nil) }),
            Operation("repl_pay", untrusted: .granted, .answers { [session] in session.pay(&$0, $1) }),
            Operation("repl_show", untrusted: .granted, .notes { [session] in session.show(&$0) }),
            Operation("repl_read", untrusted: .granted, .waits(read)),
            Operation("repl_begin", untrusted: .granted, .notes { [session] in session.begins($0.integer() ?? 0) }),
            Operation("repl_returned", untrusted: .granted, .notes(hasReturned)),
            Operation("repl_wait", untrusted: .granted, .waits(wait)),
            Operation("repl_interrupt", untrusted: .granted, .waits(waitForInterruption)),
            Operation("repl_complete", untrusted: .granted, .waits(waitForCompletion)),
            Operation("repl_completed", untrusted: .granted, .notes(completed)),
        ]
    }

    /// The session's own script is empty: the prompt begins where it ends.
    func mainTaskEnded() {
        host.spawnForMain(PackageResources.repl_lua, chunk: "=[paylink repl]", arguments: [])
    }

    func take(_ event: Event) {
        switch event {
        case .typed(let typed):
            guard let waiter = reader else { return }
            reader = nil
            waiter.returns { Self.write(typed, to: $0) }
        case .interrupt:
            guard let waiter = interrupter else { return }
            interrupter = nil
            waiter.returns { _ in }
        case .complete(let before, let ticket):
            wanted = (before, ticket)
            giveCompletion()
        }
    }

    // MARK: Waits

    /// Arguments: whether it goes on with an unfinished chunk. Gives a line; or nil and "end" or "interrupted".
    private func read(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        reader = waiter
        session.ask(arguments.boolean() == true ? .more : .first)
        return { [weak self] in self?.reader = nil }
    }

    private static func write(_ typed: LineEditor.Typed, to reply: LuaWriter) {
        switch typed {
        case .line(let bytes): bytes.withUnsafeBytes { reply.string($0) }
        case .interrupted:
            reply.null()
            reply.string("interrupted" as StaticString)
        case .end, .stopped:
            reply.null()
            reply.string("end" as StaticString)
        }
    }

    /// Arguments: the number of an evaluation. Returns when it has.
    private func wait(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        let number = arguments.integer() ?? 0
        if returned >= number {
            host.soon { waiter.returns { _ in } }
            return nil
        }
        runner = (number, waiter)
        return { [weak self] in self?.runner = nil }
    }

    private func hasReturned(_ arguments: inout LuaReader) {
        let number = arguments.integer() ?? 0
        guard number > returned else { return }
        returned = number
        session.ends(number)
        guard let waiter = runner, waiter.number <= number else { return }
        runner = nil
        host.soon { waiter.waiter.returns { _ in } }
    }

    private func waitForInterruption(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        interrupter = waiter
        return { [weak self] in self?.interrupter = nil }
    }

    /// Gives a text to complete.
    private func waitForCompletion(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        completer = waiter
        host.soon { [weak self] in self?.giveCompletion() }
        return { [weak self] in self?.completer = nil }
    }

    private var ticket = 0

    private func giveCompletion() {
        guard let next = wanted, let waiter = completer else { return }
        (wanted, completer, ticket) = (nil, nil, next.ticket)
        waiter.returns { reply in next.before.withUnsafeBytes { reply.string($0) } }
    }

    /// Arguments: how much of each name is there already, the names.
    private func completed(_ arguments: inout LuaReader) {
        let length = Int(clamping: arguments.integer() ?? 0)
        var names: [String] = []
        if case .array(let values)? = arguments.value() { names = values.compactMap(\.stringValue) }
        session.completed(ticket, length: length, names: names)
    }

    // MARK: Answers

    /// Arguments: a name. Gives the Lua of that part of the prompt.
    private static func writePart(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        parts[arguments.string() ?? ""]?.withUnsafeBytes { reply.string($0) }
    }

    /// Arguments: a chunk. Gives the names of its outer local variables.
    private static func writeLocals(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        let names = ScriptCheck.outerLocals(of: arguments.bytes().map(Array.init) ?? [])
        reply.beginArray(hint: names.count)
        for name in names { reply.string(name) }
        reply.end()
    }
}
