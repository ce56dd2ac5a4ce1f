// http.request: requests of a script to hosts that it was allowed to reach.

import Advice
import Console
import HTTPTransport
import LuaRuntime
import NIOCore
import OneShotPay

final class HTTPModule: APIModule {
    static let lua = [LuaFile(name: "http", text: PackageResources.http_lua, globals: ["http"])]

    unowned let host: ScriptHost
    /// The script's own connections, made at the first use.
    private var connections: Result<any HTTPSender, OneShotPayError>?

    init(_ host: ScriptHost) { self.host = host }

    var operations: [Operation] {
        [Operation("http_send", shown: "http.request", untrusted: .error, .waits(send))]
    }

    func close(_ done: @escaping () -> Void) {
        guard case .success(let transport)? = connections else { return done() }
        transport.shutdown(done)
    }

    /// Arguments: see `readRequest`. Gives the reply; or nil and an error.
    private func send(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        let call: HTTPCall
        do throws(HTTPCallFailure) {
            let (request, limits) = try readRequest(&arguments)
            if let refusal = refusal(of: request.address) { throw refusal }
            guard !host.options.isDryRun else {
                throw HTTPCallFailure("dry_run", "\(request.shown): not sent: this is a dry run")
            }
            let surroundings = HTTPCall.Surroundings(
                refusal: { [weak self] address in
                    guard let self else { return HTTPCallFailure("cancelled", "the script is over") }
                    return refusal(of: address)
                }, unixTime: { [host] in Int64(host.unixTime) }, random: { [host] in host.random() })
            call = HTTPCall(request, over: try transport(), limits: limits, surroundings: surroundings) {
                [self] result in
                waiter.returns { write(result, to: $0) }
            }
        } catch {
            let failure = error
            host.soon { [self] in waiter.returns { write(.failure(failure), to: $0) } }
            return nil
        }
        host.soon { call.begin() }
        return { call.cancel() }
    }

    private func refusal(of address: WebAddress) -> HTTPCallFailure? {
        let words = host.options.words
        guard !host.options.network.allows(address.host, port: address.port) else { return nil }
        let host = address.host.contains(":") ? "[\(address.host)]" : address.host
        let place = ShownText.short("\(host):\(address.port)")
        return HTTPCallFailure(
            "not_allowed", "\(place) may not be reached by this script; \(words(.reaching(place))) allows it")
    }

    /// The script's connections. They are its own: a call of `http` may last longer than one to the service, and its
    /// credentials are other ones.
    private func transport() throws(HTTPCallFailure) -> any HTTPSender {
        if let world = host.options.world { return world.http }
        let made: Result<any HTTPSender, OneShotPayError>
        if let connections {
            made = connections
        } else {
            do throws(OneShotPayError) {
                var settings = try host.configuration.transportSettings()
                // The call's own timeout bounds it.
                settings.timeouts.request = .seconds(86_400 * 365)
                settings.timeouts.idle = settings.timeouts.request
                made = .success(HTTPTransport(settings: settings, eventLoop: host.eventLoop))
            } catch {
                made = .failure(error)
            }
            connections = made
        }
        do throws(OneShotPayError) { return try made.get() } catch {
            throw HTTPCallFailure(error.code.rawValue, error.message)
        }
    }

    // MARK: Replies

    private func write(
        _ result: Result<(response: HTTPResponse, url: String), HTTPCallFailure>, to reply: LuaWriter
    ) {
        switch result {
        case .success(let success): write(success.response, success.url, to: reply)
        case .failure(let failure):
            reply.null()
            write(failure, to: reply)
        }
    }

    /// Status, headers, body and address, every known secret taken out.
    private func write(_ response: HTTPResponse, _ url: String, to reply: LuaWriter) {
        reply.beginMap(hint: 4)
        reply.string("status" as StaticString)
        reply.integer(Int64(response.status))
        reply.string("headers" as StaticString)
        reply.beginArray(hint: response.headers.count)
        for (name, value) in response.headers {
            reply.beginArray(hint: 2)
            reply.string(name.lowercased())
            reply.string(host.secrets.redact(value))
            reply.end()
        }
        reply.end()
        reply.string("body" as StaticString)
        if host.secrets.isEmpty {
            response.body.withUnsafeReadableBytes { reply.string($0) }
        } else {
            host.secrets.redact(Array(response.body.readableBytesView)).withUnsafeBytes { reply.string($0) }
        }
        reply.string("url" as StaticString)
        reply.string(host.secrets.redact(url))
        reply.end()
    }

    private func write(_ failure: HTTPCallFailure, to reply: LuaWriter) {
        reply.beginMap(hint: 8)
        reply.string("code" as StaticString)
        reply.string(failure.code)
        reply.string("message" as StaticString)
        reply.string(host.secrets.redact(failure.message))
        reply.string("retryable" as StaticString)
        reply.boolean(failure.retryable)
        reply.string("sent" as StaticString)
        reply.boolean(failure.sent)
        if let status = failure.status {
            reply.string("status" as StaticString)
            reply.integer(Int64(status))
        }
        if let after = failure.retryAfter {
            reply.string("retry_after" as StaticString)
            reply.number(after / .seconds(1))
        }
        if let cause = failure.cause {
            reply.string("cause" as StaticString)
            reply.string(host.secrets.redact(cause))
        }
        if let (response, url) = failure.reply {
            reply.string("response" as StaticString)
            write(response, url, to: reply)
        }
        reply.end()
    }
}
