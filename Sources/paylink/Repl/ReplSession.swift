// One session of the prompt: the terminal's thread, the script's loop and signals, and what passes between them.

import ArgumentParser
import Console
import Dispatch
import Glibc
import LuaRuntime
import NIOCore
import Sandbox
import Scripting
import Synchronization

final class ReplSession: Sendable {
    /// What the terminal's thread is asked for.
    enum Request {
        /// A line of a new chunk.
        case first
        /// One more line of an unfinished one.
        case more
        case over
    }

    private struct State {
        var requests: [Request] = []
        var tell: (@Sendable (ReplModule.Event) -> Void)?
        var waker: Waker?
        var isReading = false
        /// The evaluation that runs.
        var running: Int64?
        var ticket = 0
        var completion: (length: Int, names: [String])?
    }

    let isInteractive = ReplTerminal.isThere
    /// The sandbox of this session, if it has one.
    let server: SandboxServer?
    /// What runs before the first prompt.
    private let script: ScriptSource?
    private let isColoured = TerminalColours.areShown(on: 1)
    private let state = Mutex(State())
    private let asked = DispatchSemaphore(value: 0)
    private let completed = DispatchSemaphore(value: 0)
    private let terminalEnded = DispatchSemaphore(value: 0)

    init(_ script: ScriptSource?, _ server: SandboxServer?) {
        self.script = script
        self.server = server
    }

    /// The module of its host. Called on the host's loop.
    func module(for host: ScriptHost) -> ReplModule {
        let module = ReplModule(host, self)
        let bound = NIOLoopBound(module, eventLoop: host.eventLoop)
        let loop = host.eventLoop
        state.withLock { $0.tell = { event in loop.execute { bound.value.take(event) } } }
        return module
    }

    private func tell(_ event: ReplModule.Event) { state.withLock { $0.tell }?(event) }

    // MARK: The terminal's thread

    /// Starts the thread that reads lines.
    func start() {
        if isInteractive {
            TerminalModes.save()
            StandardOutput.write(greeting)
            StandardOutput.flush()
        }
        Thread.start { [self] in
            serve()
            terminalEnded.signal()
        }
    }

    private func serve() {
        let history = isInteractive ? ReplHistory(environment: { Environment[$0] }) : nil
        let terminal = ReplTerminal(history) { [self] before in complete(before) }
        state.withLock { $0.waker = terminal.waker }
        if terminal.waker == nil { terminalEnded.signal() }  // nobody can wake it from a read
        while true {
            asked.wait()
            let request = state.withLock { state in
                let request = state.requests.contains(.over) ? .over : state.requests.removeFirst()
                state.isReading = request != .over
                return request
            }
            if request == .over { return }
            let typed = terminal.read(goesOn: request == .more)
            state.withLock { $0.isReading = false }
            tell(.typed(typed))
        }
    }

    func ask(_ request: Request) {
        // While somebody types, what a task prints waits until there is room for it.
        if isInteractive, request != .over {
            StandardOutput.flush()
            StandardOutput.writeByFlush()
        }
        state.withLock { $0.requests.append(request) }
        asked.signal()
    }

    /// The script is over. Returns once the terminal is as it was; a thread that reads from something else stays where
    /// it is.
    func close() {
        ask(.over)
        state.withLock { $0.waker }?.tell(.stop)
        if isInteractive { terminalEnded.wait() }
    }

    // MARK: Completion

    /// Called on the terminal's thread, while the loop may be busy: then there is nothing to offer.
    private func complete(_ before: [UInt8]) -> (length: Int, names: [String]) {
        let ticket = state.withLock { state in
            state.ticket += 1
            state.completion = nil
            return state.ticket
        }
        while completed.wait(timeout: .now()) == .success {}  // an answer that came too late for the last one
        tell(.complete(before: before, ticket: ticket))
        _ = completed.wait(timeout: .now() + .milliseconds(300))
        return state.withLock { state in
            state.ticket += 1
            return state.completion ?? (0, [])
        }
    }

    func completed(_ ticket: Int, length: Int, names: [String]) {
        let isAwaited = state.withLock { state in
            guard state.ticket == ticket else { return false }
            state.completion = (length, names)
            return true
        }
        if isAwaited { completed.signal() }
    }

    // MARK: Evaluations

    func begins(_ number: Int64) {
        state.withLock { $0.running = number }
        // What runs may print and then read, without a wait in between.
        if isInteractive { StandardOutput.writeByLine() }
    }

    func ends(_ number: Int64) { state.withLock { if $0.running == number { $0.running = nil } } }

    var running: Int64? { state.withLock { $0.running } }

    var isReading: Bool { state.withLock { $0.isReading } }

    func interrupt() { tell(.interrupt) }

    func wake(_ word: Waker.Word) { state.withLock { $0.waker }?.tell(word) }

    // MARK: What is shown

    private var greeting: String {
        let sandbox = server.map { "A sandbox at \($0.baseURL); pay(link) pays.\n" } ?? ""
        return "paylink \(Paylink.configuration.version), Lua 5.4. Tab completes, Ctrl-C interrupts, Ctrl-D ends.\n"
            + sandbox
    }

    /// Makes room for what is written while somebody types. Called on the loop, before it is written.
    func makeRoom(then loop: any EventLoop) {
        guard isInteractive, isReading else { return }
        draw("\r\u{1B}[J")
        loop.execute { [self] in wake(.redraw) }
    }

    /// Straight to the terminal, past what waits in standard output's buffer.
    func draw(_ text: String) {
        var text = text
        text.withUTF8 { _ = Glibc.write(1, $0.baseAddress, $0.count) }
    }

    /// Arguments: "value", "error" or "note"; the text.
    func show(_ arguments: inout LuaReader) {
        let kind = arguments.string() ?? ""
        let text = ShownText.lines(arguments.value()?.stringValue ?? "")
        if kind == "value" || isInteractive {
            let colour = isColoured ? ["error": "31", "note": "2"][kind] : nil
            StandardOutput.write(colour.map { "\u{1B}[\($0)m\(text)\u{1B}[0m\n" } ?? text + "\n")
        } else {
            StandardOutput.flush()
            StandardError.write(text + "\n")
        }
    }

    /// Gives the script's text and the name of its chunk; nothing when there is none.
    func writeScript(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        guard let script else { return }
        script.lua.withUnsafeBytes { reply.string($0) }
        reply.string(script.chunkName)
    }

    // MARK: The sandbox's payer

    /// Arguments: id, amount or nil. Gives what was paid; or nil and why not.
    func pay(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        let id = arguments.string() ?? ""
        let amount = arguments.skipNull() ? nil : arguments.box()
        guard let server else { return reply.failure("this session has no sandbox") }
        do {
            let link = try server.pay(id, amount: amount)
            reply.box(link.mostRecentPayment?.amount ?? link.amount)
        } catch {
            reply.failure(error.message)
        }
    }
}

/// A thread that may block for as long as the process lives.
private enum Thread {
    static func start(_ body: @escaping @Sendable () -> Void) {
        DispatchQueue(label: "terminal").async(execute: body)
    }
}
