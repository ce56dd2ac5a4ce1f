// The life of one call of `http`: attempts, pauses and redirects within one deadline.

import HTTPTransport
import NIOCore
import OneShotPay

/// One call of a script. Belongs to the event loop; calls back exactly once unless cancelled.
final class HTTPCall {
    struct Limits: Sendable {
        var timeout = Duration.seconds(30)
        var retries = 0
        var redirects = 0
        var maximumReplyBytes = 1 << 20
        /// A reply is a success whatever its status.
        var takesAnyStatus = false
    }

    /// What a call takes from the world besides the network.
    struct Surroundings {
        /// Why an address may not be reached; `nil` when it may.
        var refusal: (WebAddress) -> HTTPCallFailure?
        /// Unix seconds.
        var unixTime: () -> Int64
        /// Evenly distributed in 0..<1.
        var random: () -> Double
    }

    typealias Done = (Result<(response: HTTPResponse, url: String), HTTPCallFailure>) -> Void

    private static let backoff = Backoff(base: .milliseconds(500), maximum: .seconds(20))

    private let transport: any HTTPSender
    private let limits: Limits
    private let surroundings: Surroundings
    private var request: ScriptRequest
    private var done: Done?
    private let deadline: NIODeadline
    private var failures = 0
    private var redirects = 0
    /// Whether an earlier attempt, or the request that was redirected, may have reached a server.
    private var sentBefore = false
    private var exchange: (any SentRequest)?
    private var timer: Scheduled<Void>?

    init(
        _ request: ScriptRequest, over transport: any HTTPSender, limits: Limits, surroundings: Surroundings,
        _ done: @escaping Done
    ) {
        self.request = request
        self.transport = transport
        self.limits = limits
        self.surroundings = surroundings
        self.done = done
        deadline = transport.eventLoop.now + TimeAmount(limits.timeout)
    }

    func begin() {
        if let refusal = surroundings.refusal(request.address) { return finish(.failure(refusal)) }
        attempt()
    }

    /// Gives up without calling back.
    func cancel() {
        done = nil
        timer?.cancel()
        exchange?.cancel()
        exchange = nil
    }

    private func attempt() {
        guard done != nil else { return }
        exchange = transport.begin(
            request.attempt(at: surroundings.unixTime()), deadline: deadline,
            maximumReplyBytes: limits.maximumReplyBytes
        ) { [weak self] result in
            guard let self, done != nil else { return }
            exchange = nil
            switch result {
            case .success(let response): received(response)
            case .failure(let failure): failed(failure)
            }
        }
    }

    private func received(_ response: HTTPResponse) {
        if RedirectRule.isRedirect(response.status), limits.redirects > 0 { return follow(response) }
        guard !(200..<300).contains(response.status) else { return succeed(response) }
        let after = response.header("retry-after").flatMap {
            RetryAfter.parse($0, now: response.date ?? surroundings.unixTime())
        }
        let failure = HTTPCallFailure(response, to: request, retryAfter: after)
        if again(after: .status(response.status), floor: after) { return }
        if limits.takesAnyStatus { succeed(response) } else { finish(.failure(failure)) }
    }

    private func failed(_ failure: HTTPFailure) {
        if again(after: .failure(failure.code, bytesSent: failure.bytesSent), floor: nil) {
            sentBefore = sentBefore || failure.bytesSent
            return
        }
        finish(.failure(HTTPCallFailure(failure, of: request, sentBefore: sentBefore)))
    }

    /// Plans another attempt, if one may be made and there is time for it.
    private func again(after outcome: RetryRule.Outcome, floor: Duration?) -> Bool {
        guard failures < limits.retries, RetryRule.permits(outcome, isRepeatable: request.isRepeatable) else {
            return false
        }
        failures += 1
        let pause = Self.backoff.pause(failures: failures, random: surroundings.random(), floor: floor)
        let next = transport.eventLoop.now + TimeAmount(pause)
        guard next < deadline else { return false }
        if case .status = outcome { sentBefore = true }
        timer = transport.eventLoop.assumeIsolated().scheduleTask(deadline: next) { [weak self] in self?.attempt() }
        return true
    }

    private func follow(_ response: HTTPResponse) {
        var failure: HTTPCallFailure
        do throws(RedirectRule.Refusal) {
            guard redirects < limits.redirects else {
                throw RedirectRule.Refusal(message: "is one more than redirects = \(limits.redirects) allows")
            }
            let next = try RedirectRule.next(
                after: request, status: response.status, location: response.header("location"))
            guard let refusal = surroundings.refusal(next.address) else {
                redirects += 1
                sentBefore = true
                request = next
                return attempt()
            }
            failure = refusal
        } catch {
            let target = error.target.map { " (\($0.origin))" } ?? ""
            failure = HTTPCallFailure("redirect_refused", "\(request.shown): the redirect \(error.message)\(target)")
        }
        failure.sent = true
        failure.status = response.status
        failure.reply = (response, request.url)
        finish(.failure(failure))
    }

    private func succeed(_ response: HTTPResponse) { finish(.success((response, request.url))) }

    private func finish(_ result: Result<(response: HTTPResponse, url: String), HTTPCallFailure>) {
        let done = self.done
        self.done = nil
        done?(result)
    }
}
