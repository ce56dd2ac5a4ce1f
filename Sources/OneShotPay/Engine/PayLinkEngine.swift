// The client on one event loop, by callbacks: what the public client and the scripts both run on.

import HTTPTransport
import JSON
package import NIOCore

#if canImport(Glibc)
    import Glibc
#endif

/// Creates, fetches and follows pay links from one event loop.
///
/// Not Sendable: every call must come from the loop. A callback runs exactly once, on the loop, and never before the
/// call that it belongs to has returned.
package final class PayLinkEngine {
    /// What an engine takes from the world besides the network.
    package struct Environment {
        /// Unix seconds; only schedules, never decides.
        package var unixTime: () -> Int64 = { Int64(time(nil)) }
        /// A clock that nobody sets, and that goes on while the machine sleeps.
        package var instant: () -> ContinuousClock.Instant = { .now }
        /// Evenly distributed in 0..<1.
        package var random: () -> Double = { Double.random(in: 0..<1) }
        /// Set where it is known beforehand when something can change.
        package var quiet: Quiet?

        package init() {}
    }

    package let configuration: OneShotPayConfiguration
    let credentials: Credentials
    package let eventLoop: any EventLoop
    let connection: any ServiceConnection
    let environment: Environment
    /// The checkout page that links get unless a request says otherwise.
    package let defaultPage: CheckoutPage

    package internal(set) var statistics = OneShotPayStatistics()
    package internal(set) var clock = ServiceClock()
    /// Is told once, on the loop, that this machine's clock is off.
    package var clockObserver: ((ClockDifference) -> Void)?
    var hasToldOfClock = false
    /// What the last reply that told the service's time said.
    var lastDate: String?
    /// Is told, on the loop, that the service has said "too many", and for how long it wants to be left alone.
    package var refusalObserver: ((Duration?) -> Void)?
    var requests: ServiceRequests
    var redactor: Redactor
    var quota: RetryQuota
    let scratch = JSONScratch()
    let json = JSONWriter()
    /// Calls that wait for a token or for their next attempt.
    var parked: [ObjectIdentifier: ServiceCall] = [:]
    private(set) lazy var tokens = TokenSource(engine: self)
    private(set) lazy var waits = WaitScheduler(engine: self)
    private var tokenGeneration = 0
    private var isShutDown = false

    /// - Parameter connection: what carries its requests; `nil` makes a transport of its own.
    /// - Throws: ``OneShotPayError`` with code `invalid_configuration`.
    package init(
        configuration: OneShotPayConfiguration, credentials: Credentials, eventLoop: any EventLoop,
        environment: Environment = Environment(), connection: (any ServiceConnection)? = nil
    ) throws(OneShotPayError) {
        try configuration.validate()
        let address = try configuration.baseAddress()
        self.configuration = configuration
        self.credentials = credentials
        self.eventLoop = eventLoop
        self.environment = environment
        if let connection {
            self.connection = connection
        } else {
            let transport = HTTPTransport(settings: try configuration.transportSettings(), eventLoop: eventLoop)
            self.connection = PooledConnection(transport, to: address)
        }
        requests = ServiceRequests(address: address, userAgent: configuration.userAgent)
        defaultPage = CheckoutPage(baseURL: try configuration.checkoutBaseURL(), locale: configuration.locale)
        redactor = Redactor([credentials.apiToken])
        quota = RetryQuota(retries: configuration.retry.quota, now: eventLoop.now)
    }

    /// Unix seconds by this machine's clock.
    package var localTime: Int64 { environment.unixTime() }

    /// Evenly distributed in 0..<1.
    package func random() -> Double { environment.random() }

    /// Whether a call made now would find an access token ready: its request leaves at once.
    package var hasToken: Bool { tokens.isReady }

    /// Creates a link.
    /// - Parameters:
    ///   - expiresIn: how long it can be paid, instead of `request.expiresAt`: counted by the service's clock, from its
    ///     first request.
    ///   - deadline: when to give up; `nil` takes the configuration's limit for a call.
    @discardableResult
    package func create(
        _ request: CreatePayLink, expiresIn: Duration? = nil, deadline: NIODeadline? = nil,
        _ done: @escaping (Result<PayLink, OneShotPayError>) -> Void
    ) -> PayLinkCall {
        eventLoop.assertInEventLoop()
        do throws(OneShotPayError) {
            try request.validate()
        } catch {
            let failure = error
            eventLoop.assumeIsolated().execute { done(.failure(failure)) }
            return PayLinkCall()
        }
        let call = makeCreate(request, expiresIn, deadline, done)
        call.begin()
        return call
    }

    /// The same, held back before each of its requests.
    package func prepare(
        _ request: CreatePayLink, expiresIn: Duration? = nil, deadline: NIODeadline? = nil,
        _ events: @escaping (CreateEvent) -> Void
    ) -> HeldCreate {
        eventLoop.assertInEventLoop()
        var problem: OneShotPayError?
        do throws(OneShotPayError) { try request.validate() } catch { problem = error }
        let call = makeCreate(request, expiresIn, deadline) { events(.ended($0)) }
        return HeldCreate(call, problem: problem, events)
    }

    private func makeCreate(
        _ request: CreatePayLink, _ expiresIn: Duration?, _ deadline: NIODeadline?,
        _ done: @escaping (Result<PayLink, OneShotPayError>) -> Void
    ) -> CreateCall {
        CreateCall(
            engine: self, terms: request, expiresIn: expiresIn, page: page(for: request),
            deadline: deadline ?? callDeadline, done)
    }

    /// The checkout page of a link with these terms.
    package func page(for request: CreatePayLink) -> CheckoutPage {
        var page = defaultPage
        if let locale = request.locale { page.locale = locale }
        page.closeOnComplete = request.closeOnComplete
        return page
    }

    /// Fetches a link.
    /// - Parameters:
    ///   - page: the checkout page that its address leads to; `nil` takes the default.
    ///   - deadline: when to give up; `nil` takes the configuration's limit for a call.
    @discardableResult
    package func get(
        _ id: PayLinkID, page: CheckoutPage? = nil, deadline: NIODeadline? = nil,
        _ done: @escaping (Result<PayLink, OneShotPayError>) -> Void
    ) -> PayLinkCall {
        eventLoop.assertInEventLoop()
        let call = GetCall(
            engine: self, id: id, page: page ?? defaultPage, policy: configuration.retry,
            deadline: deadline ?? callDeadline, done)
        call.begin()
        return call
    }

    /// Follows a link until it is paid: succeeds only then.
    ///
    /// - Parameters:
    ///   - known: the last state seen. For a reusable link, paid means a payment newer than its; without it, any.
    ///   - page: the checkout page of the links given; `known`'s, or the default one, when `nil`.
    ///   - paymentBefore: instead of `known`, just the payment than which a reusable link's must be newer.
    ///   - timeout: how long to follow it; `nil` lets its expiry decide, which for a link without one is for ever. Once
    ///     the expiry is two minutes past and looks have failed for two minutes, it ends with code `unreachable`.
    ///   - settled: whether to wait for the payment's transaction hash as well.
    ///   - looksOnce: whether to end with code `timeout` after one look that does not show it paid.
    ///   - isKnown: whether the link is known to exist, as from a ledger: no status of a failed look ends the wait then.
    ///   - isLate: whether it has ended, and is only looked at for a late payment: others come first.
    ///   - expiresAt: when it expires, in Unix seconds, where that is known without `known`.
    ///   - persists: whether no failure ends it, not even refused credentials.
    ///   - resting: takes the wait out of the schedule between two looks.
    @discardableResult
    package func wait(
        _ id: PayLinkID, known: PayLink? = nil, page: CheckoutPage? = nil, paymentBefore: PaymentMark? = nil,
        timeout: Duration? = nil, settled: Bool = false, looksOnce: Bool = false, isKnown: Bool = false,
        isLate: Bool = false, expiresAt: Int64? = nil, persists: Bool = false, resting: WaitResting? = nil,
        _ done: @escaping (Result<PayLink, OneShotPayError>) -> Void
    ) -> PayLinkCall {
        eventLoop.assertInEventLoop()
        return waits.start(
            id, known: known, page: page, paymentBefore: paymentBefore, timeout: timeout, settled: settled,
            looksOnce: looksOnce, isKnown: isKnown, isLate: isLate, expiresAt: expiresAt, persists: persists,
            resting: resting, done)
    }

    /// Links that somebody follows and that rest between two looks.
    package var restingLinks: RestingLinks {
        get { waits.resting }
        set { waits.resting = newValue }
    }

    /// What the waits have cost so far.
    package var waitFigures: WaitFigures { waits.figures }

    /// What the waits would take of the account's looks, if they were alone; zero when there are none.
    package var waitLoad: Double { waits.load }

    /// Others use the account, too: this much of its looks is left, in 0...1.
    package func divideWaits(_ part: Double) { waits.divide(part) }

    /// Others were told "too many", and to come back after so long.
    package func slowWaits(pause: Duration) { waits.slowDown(pause: pause) }

    /// Looks at a link at once, if anybody waits for it: others have seen it change.
    package func hurry(_ id: PayLinkID) { waits.hurry(id) }

    /// Is told of every look of a wait, on the loop.
    package func observeWaits(_ observer: @escaping (WaitReport) -> Void) {
        waits.observers.append(observer)
    }

    /// Fetches an access token, without retries, and tells how long it lives.
    @discardableResult
    package func checkCredentials(_ done: @escaping (Result<Duration, OneShotPayError>) -> Void) -> PayLinkCall {
        eventLoop.assertInEventLoop()
        return tokens.check { result in done(result.map(\.lifetime)) }
    }

    /// Ends everything under way with code `shut_down` or `cancelled`, closes the connections, and calls back.
    package func shutdown(_ done: @escaping () -> Void) {
        eventLoop.assertInEventLoop()
        guard !isShutDown else { return eventLoop.assumeIsolated().execute(done) }
        isShutDown = true
        waits.shutdown()
        for call in Array(parked.values) { call.cancel() }
        connection.shutdown(done)
    }

    /// Lets go of everything under way without a word to anybody, as when a simulated process is killed.
    package func discard() {
        parked = [:]
        tokens.discard()
        waits.discard()
        connection.discard()
    }

    // MARK: For calls

    private var callDeadline: NIODeadline { eventLoop.now + TimeAmount(configuration.timeouts.call) }

    /// Reads the link in a reply.
    func link(in response: HTTPResponse, page: CheckoutPage) throws -> PayLink {
        try response.body.withUnsafeReadableBytes { try PayLink(json: $0, page: page, scratch: scratch) }
    }

    /// Numbers a token that just arrived, and keeps it out of every message from now on.
    func issue(_ reply: TokenReply, requestedAt: NIODeadline) -> AccessToken {
        tokenGeneration += 1
        redactor.add(token: reply.token)
        return AccessToken(
            generation: tokenGeneration, value: reply.token, lifetime: reply.lifetime, requestedAt: requestedAt)
    }
}
