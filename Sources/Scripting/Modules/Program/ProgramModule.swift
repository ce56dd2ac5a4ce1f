// program.run: programs with an argument list, bounded in output and time.

import Advice
import Console
import Dispatch
import Glibc
import LuaRuntime
import NIOCore
import Programs
import Recorder

final class ProgramModule: APIModule {
    static let lua = [LuaFile(name: "program", text: PackageResources.program_lua, globals: ["program"])]

    private unowned let host: ScriptHost
    /// Programs that have not ended yet.
    private let programs = RunningPrograms()

    init(_ host: ScriptHost) { self.host = host }

    var operations: [Operation] {
        [Operation("run_program", shown: "program.run", untrusted: .coded, .waits(run))]
    }

    /// The programs are gone before anybody hears of the script's end.
    func close(_ done: @escaping () -> Void) { programs.whenIdle(done) }

    /// More programs than these at one time wait for a thread each, and are hardly meant.
    private static let limit = 32

    /// Arguments: the list of the program and its arguments, input, timeout, env as a list of name and value,
    /// directory, max_output. Gives a result; or nil and an error.
    private func run(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        if let world = host.options.world { return run(&arguments, waiter, in: world) }
        let call: ProgramCall
        let program: SpawnedProgram
        do throws(ProgramTrouble) {
            call = try readCall(&arguments)
            guard !host.options.isDryRun else { throw ProgramTrouble("dry_run", "not run: this is a dry run") }
            guard programs.count < Self.limit else {
                throw ProgramTrouble("start_failed", "\(Self.limit) programs are running already")
            }
            do throws(ProgramFailure) { program = try SpawnedProgram.start(call) } catch { throw ProgramTrouble(error) }
        } catch {
            let trouble = error
            host.soon { [self] in waiter.returns { write(.failure(trouble), to: $0) } }
            return nil
        }
        programs.began()
        let running = programs
        let ended = NIOLoopBound({ running.ended() }, eventLoop: host.eventLoop)
        let loop = host.eventLoop
        let abandon = host.offLoop { () -> Result<ProgramResult, ProgramFailure> in
            let result = program.follow(call)
            loop.execute { ended.value() }
            return result
        } _: { [self] result in
            waiter.returns { write(result.mapError(ProgramTrouble.init), to: $0) }
        }
        return {
            abandon()
            program.stop()
        }
    }

    private func run(
        _ arguments: inout LuaReader, _ waiter: Waiter, in world: any ScriptWorld
    ) -> (() -> Void)? {
        let finish = { [self] (result: Result<ProgramResult, ProgramTrouble>) in
            waiter.returns { write(result, to: $0) }
        }
        do throws(ProgramTrouble) {
            world.run(try readCall(&arguments)) { finish($0.mapError(ProgramTrouble.init)) }
        } catch {
            let trouble = error
            host.soon { finish(.failure(trouble)) }
        }
        return nil
    }

    private func readCall(_ arguments: inout LuaReader) throws(ProgramTrouble) -> ProgramCall {
        var list: [String] = []
        if case .array(let values)? = arguments.value() { list = values.map { $0.stringValue ?? LogText.plain($0) } }
        try checkLengths(list.map { ("an argument", $0.utf8.count) })
        let path: String
        let searchPath = Self.variable("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
        if host.options.world != nil {
            path = list.first ?? ""
        } else {
            do throws(ProgramAccess.Refusal) {
                path = try host.options.programs.resolve(
                    list.first ?? "", searchPath: searchPath, words: host.options.words)
            } catch {
                throw ProgramTrouble(error.code, error.message)
            }
        }
        var call = ProgramCall(path: path, arguments: list, environment: nil)
        guard !list.contains(where: { $0.utf8.contains(0) }) else { throw invalid("an argument holds a NUL byte") }
        if let input = arguments.bytes() { call.input = .bytes(Array(input)) } else { _ = arguments.value() }
        if !arguments.skipNull() {
            guard let timeout = arguments.duration(), timeout > .zero else {
                throw invalid("timeout is no duration above zero; \(DurationText.advice)")
            }
            call.timeout = timeout
        }
        var environment = ["PATH": searchPath, "LANG": Self.variable("LANG") ?? "C.UTF-8"]
        environment["HOME"] = Self.variable("HOME")
        if case .array(let pairs)? = arguments.value() {
            try checkLengths(
                pairs.map { pair in
                    guard case .array(let pair) = pair else { return ("env", 0) }
                    return ("a variable of env", pair.reduce(0) { $0 + ($1.stringValue?.utf8.count ?? 0) })
                })
            for case .array(let pair) in pairs where pair.count == 2 {
                let name = pair[0].stringValue ?? "", value = pair[1].stringValue ?? LogText.plain(pair[1])
                if let problem = Self.problem(withVariable: name, value) { throw invalid(problem) }
                environment[name] = value
            }
        }
        call.environment = environment
        if let directory = arguments.value()?.stringValue {
            guard host.options.files.allowsFolder(directory) else {
                throw ProgramTrouble(
                    "not_allowed",
                    "the directory \(ShownText.short(directory)) is none that the script may read; "
                        + "\(host.options.words(.reading)) allows it")
            }
            call.directory = directory
        }
        call.maximumOutput = Int(clamping: arguments.integer() ?? 1 << 20)
        return call
    }

    /// Linux takes less than 128 KB each, and 2 MB in all: what cannot be passed on is not looked through either.
    private func checkLengths(_ texts: [(name: String, count: Int)]) throws(ProgramTrouble) {
        if let long = texts.first(where: { $0.count >= 128 << 10 }) {
            throw invalid("\(long.name) is longer than 128 KB: give it as input")
        }
        guard texts.reduce(0, { $0 + $1.count }) < 1 << 20 else {
            throw invalid("arguments or env of more than 1 MB: give them as input")
        }
    }

    private func invalid(_ message: String) -> ProgramTrouble { ProgramTrouble("invalid_request", message) }

    /// What decides which code a program loads is not the script's to set.
    private static func problem(withVariable name: String, _ value: String) -> String? {
        let isName =
            !name.isEmpty && name.utf8.first.map { $0 > 0x39 } == true
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == 0x5F
            }
        if !isName { return "\"\(ShownText.short(name))\" cannot be the name of a variable" }
        if value.utf8.contains(0) { return "the variable \(name) holds a NUL byte" }
        if name.hasPrefix("LD_") || ["PATH", "GCONV_PATH", "BASH_ENV", "ENV", "IFS"].contains(name) {
            return "env cannot set \(name): it decides which code the program runs"
        }
        return nil
    }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    // MARK: Results

    private func write(_ result: Result<ProgramResult, ProgramTrouble>, to reply: LuaWriter) {
        switch result {
        case .success(let result):
            reply.beginMap(hint: 4)
            switch result.end {
            case .status(let status):
                reply.string("status" as StaticString)
                reply.integer(Int64(status))
            case .signal(let signal):
                reply.string("signal" as StaticString)
                reply.integer(Int64(signal))
            }
            write(output: result.output, errors: result.errors, to: reply)
            reply.end()
        case .failure(let trouble):
            reply.null()
            reply.string(trouble.code)
            reply.string(host.secrets.redact(trouble.message))
            reply.beginMap(hint: 2)
            write(output: trouble.output, errors: trouble.errors, to: reply)
            reply.end()
        }
    }

    private func write(output: [UInt8], errors: [UInt8], to reply: LuaWriter) {
        reply.string("output" as StaticString)
        host.secrets.redact(output).withUnsafeBytes { reply.string($0) }
        reply.string("errors" as StaticString)
        host.secrets.redact(errors).withUnsafeBytes { reply.string($0) }
    }
}

/// Why a call of `program.run` has no result, as scripts see it.
private struct ProgramTrouble: Error {
    let code: String
    let message: String
    var output: [UInt8] = []
    var errors: [UInt8] = []

    init(_ code: String, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ failure: ProgramFailure) {
        code = failure.code.rawValue
        message = failure.code == .outputTooLarge ? failure.message + "; max_output allows more" : failure.message
        output = failure.output
        errors = failure.errors
    }
}
