// One call of the client from a command: an engine on a loop of its own, ended by signals.

import ArgumentParser
import Ledger
import LuaRuntime
import NIOCore
import NIOPosix
import OneShotPay
import Recorder
import Scripting

enum ServiceSession {
    /// Makes the call and waits for its outcome. Ctrl-C cancels it.
    ///
    /// - Parameter saysWhenSlow: tells a person who sees nothing that failures are being retried.
    static func call<Value: Sendable>(
        _ service: ServiceOptions, command: String, saysWhenSlow: Bool = true,
        _ body: @escaping @Sendable (RecordedLinks, @escaping (Result<Value, LinkFailure>) -> Void) -> RecordedCall
    ) throws -> (outcome: Result<Value, LinkFailure>, signal: ExitStatus?) {
        try call(try service.loaded(), command: command, saysWhenSlow: saysWhenSlow, body)
    }

    /// The same, with settings that have been read.
    static func call<Value: Sendable>(
        _ settings: ServiceSettings, command: String, saysWhenSlow: Bool = true,
        _ body: @escaping @Sendable (RecordedLinks, @escaping (Result<Value, LinkFailure>) -> Void) -> RecordedCall
    ) throws -> (outcome: Result<Value, LinkFailure>, signal: ExitStatus?) {
        let configuration: OneShotPayConfiguration
        let credentials: Credentials
        let ledger: LedgerLocation
        do throws(OneShotPayError) {
            configuration = try settings.configuration()
            guard let found = try settings.credentials() else {
                throw OneShotPayError(
                    .invalidConfiguration,
                    "no credentials: set ONESHOT_USER_ID and ONESHOT_API_TOKEN, or user_id and token in a settings file"
                )
            }
            credentials = found
        } catch {
            return (.failure(LinkFailure(error)), nil)
        }
        do throws(LedgerError) { ledger = try settings.ledgerLocation() } catch {
            return (.failure(LinkFailure(error)), nil)
        }
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        let promise = loop.makePromise(of: Result<Value, LinkFailure>.self)
        let running = NIOLoopBoundBox<RecordedCall?>.makeBoxSendingValue(nil, eventLoop: loop)
        loop.execute {
            do throws(OneShotPayError) {
                let links = try RecordedLinks.open(
                    configuration: configuration, credentials: credentials, ledger: ledger, command: command,
                    words: .commands, on: loop)
                links.engine.clockObserver = { Terminal.message($0.warning) }
                running.value = body(links) { result in
                    running.value = nil
                    links.shutdown(exitStatus: result.isSuccess ? 0 : 1) { promise.succeed(result) }
                }
                if saysWhenSlow { sayWhenRetrying(links, running, after: .seconds(3)) }
            } catch {
                promise.succeed(.failure(LinkFailure(error)))
            }
        }
        let interruption = Interruption(timeout: nil) { _ in loop.execute { running.value?.cancel() } }
        defer { interruption.end() }
        return (try promise.futureResult.wait(), interruption.status)
    }

    /// Tells once, some seconds after the start, that what failed is being tried again.
    private static func sayWhenRetrying(
        _ links: RecordedLinks, _ running: NIOLoopBoundBox<RecordedCall?>, after delay: TimeAmount
    ) {
        links.engine.eventLoop.assumeIsolated().scheduleTask(in: delay) {
            guard running.value != nil else { return }
            guard links.engine.statistics.retries > 0 else {
                return sayWhenRetrying(links, running, after: .seconds(1))
            }
            Terminal.message("no success yet; trying again (Ctrl-C ends it)")
        }
    }
}

extension Result {
    fileprivate var isSuccess: Bool {
        if case .success = self { return true }
        return false
    }
}
