// A Lua state in a process of its own: orders go there, and what comes back is checked before anybody sees it.

import CLuaHost
import Glibc
import Synchronization

/// The engine of a script that lives in a child. It has one owner, as ``LuaState`` has.
final class ChildLua: LuaEngine {
    let stopper: LuaStopper
    let process: ScriptProcess
    var pipe: FramePipe!  // Safe because: set once in init, and needs `self` to ask what is overdue.
    private unowned let host: any LuaHost
    let limits: LuaLimits
    let options: ScriptProcessOptions
    private let asked: AskedStop
    private var charged = 0

    var operations: [LuaOperation] = []
    var isOpen = false, isWalled = false, hasRested = false
    private var book: ChildBook
    private var patience: ChildPatience
    private var last = lw_done()
    /// Why there is no child any more.
    var lost: ScriptFailure?
    private(set) var crossings = 0
    /// Frames of all children of this process: tests count what they have sent.
    static let framesHeard = Atomic<Int>(0)
    private let replyBuffer = ReplyBuffer()

    init(limits: LuaLimits, options: ScriptProcessOptions, host: any LuaHost) throws(ScriptFailure) {
        self.limits = limits
        self.options = options
        self.host = host
        patience = ChildPatience(limits)
        // What a task costs its script at least: see LH_TASK_COST.
        book = ChildBook(mostTasks: limits.memory > 0 ? limits.memory / 1024 + 16 : 1 << 20)
        let process = try ScriptProcess(options)
        let asked = AskedStop()
        self.process = process
        self.asked = asked
        stopper = LuaStopper { reason in
            if asked.ask(reason) { process.signal(reason.signal) }
        }
        // Values that cross are counted by the child as the script's memory.
        let largest = limits.memory > 0 ? limits.memory + (1 << 20) : 1 << 30
        pipe = FramePipe(socket: process.socket, largest: largest) { [unowned self] in
            patience.overdue(.now, asked: asked.stop)
        }
    }

    deinit {
        stopper.retire()
        _ = process.end()
    }

    // MARK: LuaEngine

    var reply: UnsafeMutablePointer<lh_buffer> { replyBuffer.emptied() }
    var stopped: LuaStop? { lost?.stop ?? LuaStop(last.stopped) }
    var memory: (used: Int, peak: Int) { (Int(clamping: last.used), Int(clamping: last.peak)) }
    var allocations: Int { Int(clamping: last.allocations) }

    func define(_ operation: LuaOperation) throws(ScriptFailure) {
        operations.append(operation)
        book.define(operation)
    }

    func keep(_ constant: LuaConstant) {
        guard !isWalled, lost == nil else { return }
        let arguments = ReplyBuffer(), reply = ReplyBuffer()
        for argument in constant.arguments { LuaWriter(arguments.emptied()).value(argument) }
        constant.reply(LuaWriter(reply.emptied()))
        let head = [constant.operation, UInt32(arguments.bytes.count)]
        open()
        head.withUnsafeBytes { pipe.put(LW_CONSTANT, $0, arguments.bytes, reply.bytes) }
    }

    func runPrelude(_ source: [UInt8], chunk: String) throws(ScriptFailure) {
        open()
        let name = Array(chunk.utf8)
        let done = try turn(.none, LW_PRELUDE, [UInt32(name.count)], [name, source])
        if UInt32(bitPattern: done.status) != LH_FINISHED.rawValue { throw failure(done) }
    }

    func load(_ source: [UInt8], chunk: String, arguments: [UInt8]) throws(ScriptFailure) -> LuaTaskID {
        try wall()
        rest()
        let name = Array(chunk.utf8.prefix(Int(LW_LARGEST_TEXT) - 1))
        let done = try turn(.none, LW_LOAD, [UInt32(name.count), UInt32(source.count)], [name, source, arguments])
        guard UInt32(bitPattern: done.status) == LH_FINISHED.rawValue else { throw failure(done) }
        try checked { () throws(ChildBook.Lie) in try book.loaded(done.task) }
        return LuaTaskID(raw: done.task)
    }

    func resume(_ task: LuaTaskID, generation: UInt32, mode: lh_resume_mode, from: UInt32) -> LuaOutcome {
        if let lost { return .failed(lost) }
        guard book.canResume(task, generation: generation) else { return .stale }
        var flags: UInt32 = hasRested ? UInt32(LW_RESTED) : 0
        if StandardOutput.isAbandoned { flags |= UInt32(LW_ABANDONED) }
        hasRested = false
        do throws(ScriptFailure) {
            let head = [flags, task.raw, generation, mode.rawValue, from]
            let done = try turn(.resuming(task.raw), LW_RESUME, head, [], replyBuffer.bytes)
            return try outcome(done, of: task)
        } catch {
            return .failed(error)
        }
    }

    func kill(_ task: LuaTaskID, code: String, message: String) {
        guard lost == nil, book.canKill(task) else { return }
        let code = Array(code.utf8.prefix(255))
        let message = Array(message.utf8.prefix(Int(LW_LARGEST_TEXT) - 1))
        _ = try? turn(.killing(task.raw), LW_KILL, [task.raw, UInt32(code.count)], [code, message])
        book.ended(task)
    }

    func rest() {
        hasRested = true
        patience.rest()
    }

    func release(_ task: LuaTaskID) {
        guard lost == nil else { return }
        book.release(task)
        withUnsafeBytes(of: task.raw) { pipe.put(LW_RELEASE, $0) }
    }

    func origin(of task: LuaTaskID) -> String { book.origin(of: task) }

    /// Counted here, on top of what the child says that it holds.
    func charge(_ bytes: Int) -> Bool {
        guard limits.memory == 0 || bytes <= limits.memory - charged else { return false }
        charged += bytes
        return true
    }

    func uncharge(_ bytes: Int) { charged -= min(bytes, charged) }

    /// ``ChildPatience`` ends the child.
    func tellStuck(after grace: Duration, _ tell: @escaping @Sendable (LuaStop) -> Void) {}

    func flushFiles() -> Int32? {
        guard options.hasFiles, isWalled, lost == nil, let done = try? turn(.none, LW_FLUSH, [], []) else { return nil }
        return done.number == 0 ? nil : Int32(bitPattern: done.number)
    }

    // MARK: Turns

    func turn(
        _ turn: ChildBook.Turn, _ order: lw_order, _ head: [UInt32], _ parts: [[UInt8]],
        _ values: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) throws(ScriptFailure) -> lw_done {
        let joined = Array(parts.joined())
        return try self.turn(turn) {
            head.withUnsafeBytes { head in joined.withUnsafeBytes { pipe.put(order, head, $0, values) } }
        }
    }

    /// Gives the child the turn, serves it, and takes the turn back.
    func turn(_ turn: ChildBook.Turn, _ put: () -> Void) throws(ScriptFailure) -> lw_done {
        if let lost { throw lost }
        put()
        book.begin(turn)
        patience.begin(.now)
        defer { patience.end(.now) }
        do throws(FramePipe.Problem) { try pipe.flush() } catch { throw lose(error) }
        while true {
            let frame: FramePipe.Frame
            do throws(FramePipe.Problem) { frame = try pipe.next() } catch { throw lose(error) }
            Self.framesHeard.add(1, ordering: .relaxed)
            switch frame.kind {
            case LW_OUTPUT.rawValue: lh_output_write(frame.bytes.baseAddress, frame.bytes.count)
            case LW_SPAWNED.rawValue: try spawned(frame.bytes)
            case LW_COLLECTED.rawValue:
                let task = try word(frame.bytes, 0)
                try checked { () throws(ChildBook.Lie) in try book.collected(task) }
                host.collected(LuaTaskID(raw: task))
            case LW_CALL.rawValue: try called(frame.bytes, tells: false)
            case LW_TELL.rawValue: try called(frame.bytes, tells: true)
            case LW_WALLED.rawValue: try walled(frame.bytes)
            case LW_BREACH.rawValue: throw breach(frame.bytes)
            case LW_DONE.rawValue: return try done(frame.bytes)
            default: throw lose("it sent a frame of kind \(frame.kind)")
            }
        }
    }

    private func done(_ bytes: UnsafeRawBufferPointer) throws(ScriptFailure) -> lw_done {
        let size = MemoryLayout<lw_done>.size
        guard bytes.count >= size else { throw lose("the end of a turn was cut short") }
        guard !pipe.hasMore else { throw lose("it spoke out of turn") }
        let done = bytes.loadUnaligned(as: lw_done.self)
        outcomeBytes = UnsafeRawBufferPointer(rebasing: bytes[size...])
        guard EncodedValues.areWellFormed(outcomeBytes) else { throw lose("it sent values that are none") }
        last = done
        return done
    }

    /// The last outcome's values; valid until the next turn.
    private var outcomeBytes = UnsafeRawBufferPointer(start: nil, count: 0)

    private func outcome(_ done: lw_done, of task: LuaTaskID) throws(ScriptFailure) -> LuaOutcome {
        guard done.task == task.raw else { throw lose("it spoke of another task than the one that ran") }
        switch UInt32(bitPattern: done.status) {
        case LH_FINISHED.rawValue:
            book.ended(task)
            return .finished
        case LH_WAITING.rawValue:
            try checked { () throws(ChildBook.Lie) in
                try book.waits(task, operation: done.operation, generation: done.generation)
            }
            crossings += 1
            return .waiting(
                operation: done.operation, generation: done.generation, arguments: LuaReader(outcomeBytes))
        case LH_FAILED.rawValue, LH_NO_MEMORY.rawValue:
            book.ended(task)
            return .failed(failure(done))
        default: throw lose("it ended a turn with status \(done.status)")
        }
    }

    private func failure(_ done: lw_done) -> ScriptFailure {
        var outcome = lh_outcome()
        outcome.status = done.status
        outcome.stopped = done.stopped
        outcome.bytes = outcomeBytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        outcome.count = outcomeBytes.count
        return ScriptFailure(outcome)
    }

    private func spawned(_ bytes: UnsafeRawBufferPointer) throws(ScriptFailure) {
        let task = try word(bytes, 0), parent = try word(bytes, 4)
        let origin = String(decoding: bytes[8...].prefix(128), as: UTF8.self)
        try checked { () throws(ChildBook.Lie) in try book.spawned(task, by: parent, at: origin) }
        guard host.spawned(LuaTaskID(raw: task), by: LuaTaskID(raw: parent)) else {
            throw lose("its tasks are nested deeper than it was told")
        }
    }

    private func called(_ bytes: UnsafeRawBufferPointer, tells: Bool) throws(ScriptFailure) {
        let operation = try word(bytes, 0), task = try word(bytes, 4)
        try checked { () throws(ChildBook.Lie) in try book.called(operation, by: task, tells: tells) }
        let arguments = UnsafeRawBufferPointer(rebasing: bytes[8...])
        guard EncodedValues.areWellFormed(arguments) else { throw lose("it sent values that are none") }
        guard tells || !pipe.hasMore else { throw lose("it spoke out of turn") }
        var reader = LuaReader(arguments)
        let buffer = replyBuffer.emptied()
        let returns = host.call(
            operation: operation, task: task == 0 ? nil : LuaTaskID(raw: task), arguments: &reader,
            reply: LuaWriter(buffer))
        if tells { return }
        crossings += 1
        let descriptor = replyBuffer.takeDescriptor()
        defer { if descriptor >= 0 { close(descriptor) } }
        withUnsafeBytes(of: (returns ? LH_RETURN : LH_RAISE).rawValue) { pipe.put(LW_REPLY, $0, replyBuffer.bytes) }
        do throws(FramePipe.Problem) { try pipe.flush(descriptor: descriptor) } catch { throw lose(error) }
    }

    private func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) throws(ScriptFailure) -> UInt32 {
        guard bytes.count >= offset + 4 else { throw lose("a frame was cut short") }
        return bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian
    }
}
