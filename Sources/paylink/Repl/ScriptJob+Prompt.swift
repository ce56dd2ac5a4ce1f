// A script job as a prompt: the script's host stays, and runs what is typed.

import Dispatch
import Glibc
import LuaRuntime
import NIOCore
import NIOPosix
import Sandbox
import Scripting

extension ScriptJob {
    /// Runs the session to its end. The script itself, if there is one, is what runs first.
    func prompt(_ source: ScriptSource, _ runner: ScriptRunner, _ server: SandboxServer?) -> ExitStatus {
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        let control = ScriptControl(loop)
        let session = ReplSession(source.isFile ? source : nil, server)
        let signals = ReplSignals(session, control)
        if let timeout { signals.end(after: timeout) }
        var runner = runner
        runner.options.ownModules = { [session.module(for: $0)] }
        // Who waits for a read that does not return has Ctrl-C.
        runner.options.whenStuck = nil
        runner.options.beforeOutput = { session.makeRoom(then: loop) }
        let log = runner.log
        runner.log = { message in
            session.makeRoom(then: loop)
            log(message)
        }
        if let tell = runner.options.waitObserver {
            runner.options.waitObserver = { report in
                session.makeRoom(then: loop)
                tell(report)
            }
        }
        let own = ScriptSource(
            text: [], name: source.isFile ? source.name : "repl", directory: source.directory, isFile: source.isFile)
        session.start()
        let result: Result<ScriptResult, any Error>
        do { result = .success(try control.start(runner, own).wait()) } catch { result = .failure(error) }
        session.close()
        return status(result, signals, own)
    }

    private func status(
        _ result: Result<ScriptResult, any Error>, _ signals: ReplSignals, _ source: ScriptSource
    ) -> ExitStatus {
        switch result {
        case .success(.finished(let status)): return status == 0 ? signals.status ?? .done : .chosen(status)
        case .success(.failed(let failure)):
            Terminal.failure(failure, source: source, hint: hint(failure))
            return ExitStatus.of(failure)
        case .success(.stopped):
            let status = signals.status ?? .interrupted
            if status == .timeLimit { Terminal.message("\(source.name): not done within the time limit; ended") }
            return status
        case .failure(let failure as ScriptFailure):
            Terminal.failure(failure, source: source, hint: hint(failure))
            return failure.stop == nil ? .internalError : ExitStatus.of(failure)
        case .failure(let error):
            Terminal.message("\(error)")
            return .internalError
        }
    }
}
