// The user's crontab, through the program `crontab`: read whole, replaced whole.

import Console
import Glibc
import Programs

/// The `crontab` program.
struct CrontabProgram {
    struct Failure: Error {
        var message: String
    }

    private static let advice =
        "install the package cron, or use systemd instead: paylink cron show --systemd prints units"
    private let path: String

    /// Finds it on the PATH; `PAYLINK_CRONTAB` names another one.
    init() throws(Failure) {
        if let named = Environment["PAYLINK_CRONTAB"] {
            guard access(named, X_OK) == 0 else {
                throw Failure(message: "PAYLINK_CRONTAB names no program: \(ShownText.line(named))")
            }
            path = named
            return
        }
        guard let found = ProgramPath.find("crontab", in: Environment["PATH"] ?? "/usr/bin:/bin") else {
            throw Failure(message: "there is no program crontab on the PATH; \(Self.advice)")
        }
        path = found
    }

    /// The crontab's text; empty when there is none.
    func read() throws(Failure) -> [UInt8] {
        let result = try run(["-l"])
        if result.end == .status(0) { return result.output }
        let text = String(decoding: result.errors, as: UTF8.self)
        if text.contains("no crontab for") { return [] }
        throw failure("cannot read your crontab", result)
    }

    /// Puts a text in its place; an empty one removes it.
    func write(_ text: [UInt8]) throws(Failure) {
        let result = try text.isEmpty ? run(["-r"]) : run(["-"], input: text)
        guard result.end == .status(0) else { throw failure("your crontab was left as it was", result) }
    }

    private func failure(_ what: String, _ result: ProgramResult) -> Failure {
        let said = String(decoding: result.errors, as: UTF8.self).split(separator: "\n").joined(separator: "; ")
        let how =
            switch result.end {
            case .status(let status): "ended with status \(status)"
            case .signal(let signal): "was ended by signal \(signal)"
            }
        return Failure(
            message: "\(what): \(path) \(how)"
                + (said.isEmpty ? "" : " and said: \(ShownText.line(said))"))
    }

    private func run(_ arguments: [String], input: [UInt8] = []) throws(Failure) -> ProgramResult {
        var call = ProgramCall(
            path: path, arguments: [path] + arguments, environment: nil, timeout: .seconds(60),
            maximumOutput: 16 << 20)
        call.input = .bytes(input)
        do throws(ProgramFailure) { return try SpawnedProgram.run(call) } catch {
            throw Failure(message: "\(path) \(error.message); \(Self.advice)")
        }
    }
}
