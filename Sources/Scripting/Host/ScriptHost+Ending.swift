// The end of a script, whichever way it comes: its tasks, what it has open, its connections, the service and its ledger.

import LuaRuntime
import NIOCore
import Recorder

extension ScriptHost {
    func end(_ ending: ScriptResult) {
        guard !isOver else { return }
        isOver = true
        var result = ending
        // Whoever runs `| head` does not ask for links that nobody knows of: these are made, and recorded.
        let letsCreatesFinish = ending == .finished(status: ScriptResult.abandonedOutput)
        for task in scheduler.liveTasks {
            let abandon = self.abandon.removeValue(forKey: task)
            if !letsCreatesFinish || !creating.contains(task) { abandon?() }
            state.kill(task)
        }
        alarm?.timer.cancel()
        for group in groups.values { group.close() }
        feed?.close()
        tellOfIdleFollowUps()
        tellOfIgnoredFailures()
        if let failure = tables.end(result, log) { result = .failed(failure) }
        if let failure = unwrittenFiles(result) { result = .failed(failure) }
        flushOutput()
        options.crossingsObserver?(state.crossings)
        if case .failed(let failure) = result { result = .failed(secrets.redact(failure)) }
        let completion = completion
        let last = result
        self.completion = nil
        closeConnections { [self] in
            guard case .success(let links)? = service else {
                completion?(last)
                return
            }
            let close = { [self] in
                links.shutdown(exitStatus: last.recordedStatus) { [self] in
                    for message in links.closingMessages { log(message) }
                    completion?(last)
                }
            }
            if letsCreatesFinish { links.finishCreates(close) } else { close() }
        }
    }
}

extension LuaStop {
    /// Asked for from outside rather than by one of the script's own budgets.
    var isForeign: Bool { self == .interrupt || self == .deadline }
}
