// A running script, for other threads: starting it on its loop, and ending it whether it waits or computes.

import Advice
import Console
package import LuaRuntime
package import NIOCore
import OneShotPay
import Recorder
import Synchronization

/// Starts one script on an event loop and ends it from any thread.
package final class ScriptControl: Sendable {
    private let loop: any EventLoop
    private let running = Mutex<Running>(Running())

    private struct Running: @unchecked Sendable {
        // Safe because: the host is touched only on its loop; the stopper is Sendable.
        var host: ScriptHost?
        var stopper: LuaStopper?
        var stop: LuaStop?
        var end: EventLoopPromise<ScriptResult>?
    }

    package init(_ loop: any EventLoop) { self.loop = loop }

    package func start(_ runner: ScriptRunner, _ source: ScriptSource) -> EventLoopFuture<ScriptResult> {
        let promise = loop.makePromise(of: ScriptResult.self)
        running.withLock { $0.end = promise }
        loop.execute {
            do {
                let loop = self.loop
                let host = try ScriptHost(
                    source, options: runner.options, eventLoop: loop, configuration: runner.configuration,
                    service: { () throws(OneShotPayError) in try runner.links(on: loop, for: source) }, log: runner.log)
                let early = self.running.withLock { running in
                    running.host = host
                    running.stopper = host.state.stopper
                    return running.stop
                }
                host.start { result in
                    self.running.withLock { ($0.stopper, $0.end) = (nil, nil) }
                    promise.succeed(result)
                    loop.assumeIsolated().execute { self.running.withLock { $0.host = nil } }
                }
                if let early { host.stop(early) }
            } catch {
                self.running.withLock { $0.end = nil }
                promise.fail(error)
            }
        }
        return promise.futureResult
    }

    /// Ends the script at what it waits for.
    package func stop(_ reason: LuaStop) {
        running.withLock { if $0.stop == nil { $0.stop = reason } }
        loop.execute { self.running.withLock { $0.host }?.stop(reason) }
    }

    /// Ends a watch in its own time; any other script at what it waits for.
    package func finish() {
        loop.execute { self.running.withLock { $0.host }?.finish() }
    }

    /// Lets go of the script at once, as when a simulated process is killed. To be called on its loop.
    package func discard() {
        let last = running.withLock { running in
            defer { running = Running() }
            return running
        }
        last.host?.discard()
        last.end?.fail(CancellationError())
    }

    /// Ends whatever the script computes at this moment.
    package func interrupt(_ reason: LuaStop) {
        running.withLock { $0.stopper }?.stop(reason)
    }
}

extension ScriptRunner {
    func links(on loop: any EventLoop, for source: ScriptSource) throws(OneShotPayError) -> RecordedLinks {
        guard let credentials else {
            throw OneShotPayError(
                .invalidConfiguration,
                "no credentials: \(options.words(.credentials))")
        }
        let links = try RecordedLinks.open(
            configuration: configuration, credentials: credentials, ledger: ledger, opened: openedLedger,
            command: "\(options.watch == nil ? "run" : "watch") \(source.name)", limits: limits, words: options.words,
            on: loop)
        links.waitSummary = waitSummary
        if options.isUntrusted {
            links.isOwnOnly = true
            // Keys of an untrusted script are nobody else's, for the service either.
            if case .file(let path) = ledger { links.keyOwner += "\0" + (path.split(separator: "/").last ?? "") }
        }
        links.engine.clockObserver = { [log] in log(LogMessage(level: .warn, text: $0.warning, fields: [])) }
        return links
    }
}
