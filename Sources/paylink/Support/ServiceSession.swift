// One call of the client from a command: an engine on a loop of its own, ended by signals.

import ArgumentParser
import Dispatch
import LuaRuntime
import NIOCore
import NIOPosix
import OneShotPay

enum ServiceSession {
    /// Makes the call and waits for its outcome. Ctrl-C cancels it.
    ///
    /// - Parameter saysWhenSlow: tells a person who sees nothing that failures are being retried.
    static func call<Value: Sendable>(
        _ service: ServiceOptions, saysWhenSlow: Bool = true,
        _ body: @escaping @Sendable (PayLinkEngine, @escaping (Result<Value, OneShotPayError>) -> Void) -> PayLinkCall
    ) throws -> (outcome: Result<Value, OneShotPayError>, signal: ExitStatus?) {
        let configuration: OneShotPayConfiguration
        let credentials: Credentials
        do throws(OneShotPayError) {
            configuration = try service.settings.configuration()
            guard let found = try ServiceSettings.credentials() else {
                throw OneShotPayError(
                    .invalidConfiguration, "no credentials: set ONESHOT_USER_ID and ONESHOT_API_TOKEN")
            }
            credentials = found
        } catch {
            return (.failure(error), nil)
        }
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        let promise = loop.makePromise(of: Result<Value, OneShotPayError>.self)
        let running = NIOLoopBoundBox<PayLinkCall?>.makeBoxSendingValue(nil, eventLoop: loop)
        loop.execute {
            do throws(OneShotPayError) {
                let engine = try PayLinkEngine(configuration: configuration, credentials: credentials, eventLoop: loop)
                running.value = body(engine) { result in engine.shutdown { promise.succeed(result) } }
            } catch {
                promise.succeed(.failure(error))
            }
        }
        let patience = DispatchSource.makeTimerSource(queue: .global())
        patience.schedule(deadline: .now() + .seconds(3))
        patience.setEventHandler {
            if saysWhenSlow { Console.message("no success yet; trying again (Ctrl-C ends it)") }
        }
        patience.resume()
        defer { patience.cancel() }
        let interruption = Interruption(timeout: nil) { _ in loop.execute { running.value?.cancel() } }
        defer { interruption.end() }
        return (try promise.futureResult.wait(), interruption.status)
    }
}
