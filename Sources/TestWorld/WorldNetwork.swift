// Other hosts of a test's world: each request is answered by the test's own script, and by nobody else.

import HTTPTransport
import NIOCore

/// Carries the requests of `http` in one script.
final class WorldNetwork: HTTPSender {
    private unowned let world: TestWorld
    private let script: String
    let eventLoop: any EventLoop
    private var open: [ObjectIdentifier: WorldExchange] = [:]

    init(_ world: TestWorld, script: String, on eventLoop: any EventLoop) {
        self.world = world
        self.script = script
        self.eventLoop = eventLoop
    }

    func begin(
        _ request: HTTPRequest, deadline: NIODeadline, maximumReplyBytes: Int?,
        _ done: @escaping (Result<HTTPResponse, HTTPFailure>) -> Void
    ) -> any SentRequest {
        let exchange = WorldExchange(done)
        open[ObjectIdentifier(exchange)] = exchange
        exchange.whenOver = { [weak self, unowned exchange] in self?.open[ObjectIdentifier(exchange)] = nil }
        exchange.timer = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            exchange.fail(.timeout, "no answer in time", bytesSent: true)
        }
        let shown = "\(request.method) \(request.address.origin)\(request.address.target.prefix { $0 != "?" })"
        world.desk.ask(.request(request)) { [world, script] answer in
            switch answer {
            case .response(let response):
                guard response.body.readableBytes <= maximumReplyBytes ?? .max else {
                    return exchange.fail(.replyTooLarge, "the reply is too large", bytesSent: true)
                }
                exchange.finish(.success(response))
            case .none(let why):
                world.fails("\(script) sent \(shown), and \(why) (world.http)")
                exchange.fail(
                    .connectFailed, "\(request.address.authority) is not in the test's world", bytesSent: false)
            case .program, .mail: break
            }
        }
        return exchange
    }

    func shutdown(_ done: @escaping () -> Void) {
        for exchange in open.values { exchange.fail(.shutDown, "the script is over", bytesSent: true) }
        eventLoop.assumeIsolated().execute(done)
    }
}

/// One request to another host.
private final class WorldExchange: SentRequest {
    private var done: ((Result<HTTPResponse, HTTPFailure>) -> Void)?
    var timer: Scheduled<Void>?
    var whenOver: (() -> Void)?

    init(_ done: @escaping (Result<HTTPResponse, HTTPFailure>) -> Void) { self.done = done }

    func cancel() { fail(.cancelled, "the request was cancelled", bytesSent: true) }

    func fail(_ code: HTTPFailure.Code, _ message: String, bytesSent: Bool) {
        finish(.failure(HTTPFailure(code, message, bytesSent: bytesSent)))
    }

    func finish(_ result: Result<HTTPResponse, HTTPFailure>) {
        guard let done else { return }
        self.done = nil
        timer?.cancel()
        whenOver?()
        done(result)
    }
}
