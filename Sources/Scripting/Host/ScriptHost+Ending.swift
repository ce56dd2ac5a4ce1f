// The end of a script, whichever way it comes: its tasks, what it has open, its connections, the service and its ledger.

import LuaRuntime
import NIOCore
import Recorder

extension ScriptHost {
    func end(_ ending: ScriptResult) {
        guard !isOver else { return }
        isOver = true
        var result = ending
        // When nobody reads the output any more, what must not be left half done is done.
        let letsTasksComplete = ending == .finished(status: ScriptResult.abandonedOutput)
        for task in scheduler.liveTasks {
            let abandon = self.abandon.removeValue(forKey: task)
            if !letsTasksComplete || !modules.contains(where: { $0.completes(task) }) { abandon?() }
            state.kill(task)
        }
        for module in modules {
            if let failure = module.scriptEnded(result) { result = .failed(failure) }
        }
        if let failure = unwrittenFiles(result) { result = .failed(failure) }
        flushOutput()
        options.crossingsObserver?(state.crossings)
        options.lineObserver?(state.lineCounts)
        if case .failed(let failure) = result { result = .failed(secrets.redact(failure)) }
        let completion = completion
        let last = result
        self.completion = nil
        close(modules[...]) { [self] in
            guard let links = service else {
                completion?(last)
                return
            }
            let close = { [self] in
                links.shutdown(exitStatus: last.recordedStatus) { [self] in
                    for message in links.closingMessages { log(message) }
                    completion?(last)
                }
            }
            if letsTasksComplete { links.finishCreates(close) } else { close() }
        }
    }

    /// One module after the other.
    private func close(_ modules: ArraySlice<any ScriptModule>, _ done: @escaping () -> Void) {
        guard let first = modules.first else { return done() }
        first.close { self.close(modules.dropFirst(), done) }
    }

    /// Ends the script in its own time, when it has such; otherwise at once.
    package func finish() {
        guard !modules.contains(where: { $0.finish() }) else { return }
        stop(.interrupt)
    }

    /// Runs Lua of the API's own in a task of the main one.
    package func spawnForMain(_ text: [UInt8], chunk: String, arguments: [String]) {
        guard let main else { return }
        do throws(ScriptFailure) {
            _ = scheduler.spawned(try state.load(text, chunk: chunk, arguments: arguments), by: main)
        } catch {
            end(.failed(error))
        }
    }
}

extension LuaStop {
    /// Asked for from outside rather than by one of the script's own budgets.
    var isForeign: Bool { self == .interrupt || self == .deadline }
}
