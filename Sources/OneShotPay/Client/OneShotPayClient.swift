// The public face for Swift programs: the engine behind async functions.

public import NIOCore
public import NIOPosix

/// A client of 1ShotPay for one merchant.
///
/// ```swift
/// let client = try OneShotPayClient(credentials: Credentials(userID: id, apiToken: token))
/// var request = CreatePayLink(amount: try Money(parsing: "12.50"), description: "Order 1001")
/// let link = try await client.createPayLink(request)
/// print("Pay here:", link.url)
/// let paid = try await client.waitForPayLinkPayment(link.id, timeout: .seconds(900))
/// await client.shutdown()
/// ```
///
/// Cancelling the task that awaits a call ends it with code ``OneShotPayError/Code/cancelled`` and closes the
/// connection of a request under way. Call ``shutdown()`` before letting go of the client.
public final class OneShotPayClient: Sendable {
    private let eventLoop: any EventLoop
    private let engine: LoopBound<PayLinkEngine>

    /// A client that runs on one event loop of `eventLoopGroup`.
    /// - Throws: ``OneShotPayError`` with code ``OneShotPayError/Code/invalidConfiguration``.
    public init(
        configuration: OneShotPayConfiguration = OneShotPayConfiguration(), credentials: Credentials,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) throws(OneShotPayError) {
        let loop = eventLoopGroup.next()
        eventLoop = loop
        engine = LoopBound(
            try PayLinkEngine(configuration: configuration, credentials: credentials, eventLoop: loop))
    }

    /// Creates a pay link.
    ///
    /// The link returned is verified: its id is a UUID, and its amount and description are those asked for. A create
    /// whose outcome is unknown is sent again (see ``PayLink/possibleOrphans``), but not when a payer is named.
    ///
    /// - Parameters:
    ///   - request: its terms.
    ///   - expiresIn: how long it can be paid, instead of ``CreatePayLink/expiresAt``. Counted by the service's clock
    ///     where this machine's is more than a minute off (``clockDifference()``).
    /// - Throws: ``OneShotPayError``; with code ``OneShotPayError/Code/invalidRequest`` before anything is sent, with
    ///   code ``OneShotPayError/Code/inDoubt`` when a link may exist that nobody knows of, with code
    ///   ``OneShotPayError/Code/expiredOnArrival`` and the link when its time was over as it came back.
    public func createPayLink(
        _ request: CreatePayLink, expiresIn: Duration? = nil
    ) async throws(OneShotPayError) -> PayLink {
        try await call { engine, done in engine.create(request, expiresIn: expiresIn, done) }
    }

    /// Fetches a pay link.
    /// - Throws: ``OneShotPayError``; with code ``OneShotPayError/Code/notFound`` when there is none of this id.
    public func getPayLink(_ id: PayLinkID) async throws(OneShotPayError) -> PayLink {
        try await call { engine, done in engine.get(id, done) }
    }

    /// Follows a pay link until it is paid, and returns only then.
    ///
    /// All waits of a client share one budget of requests (``OneShotPayConfiguration/pollingRate``).
    ///
    /// - Parameters:
    ///   - id: the link's.
    ///   - known: the last state seen. For a reusable link, paid means a payment newer than its; without it, any.
    ///   - timeout: how long to follow it; `nil` lets its expiry decide, which for a link without one is for ever.
    ///   - settled: whether to wait for the payment's transaction hash as well.
    /// - Throws: ``OneShotPayError`` with the last state seen in ``OneShotPayError/link``; with code `expired`,
    ///   `archived` or `ignored` when the link cannot be paid any more, `timeout` when the time is over.
    public func waitForPayLinkPayment(
        _ id: PayLinkID, known: PayLink? = nil, timeout: Duration? = nil, settled: Bool = false
    ) async throws(OneShotPayError) -> PayLink {
        try await call { engine, done in
            engine.wait(id, known: known, timeout: timeout, settled: settled, done)
        }
    }

    /// Asks for an access token and tells how long it lives: whether the credentials are good.
    /// - Throws: ``OneShotPayError`` with code ``OneShotPayError/Code/unauthorized`` when they are not.
    public func checkCredentials() async throws(OneShotPayError) -> Duration {
        try await call { engine, done in engine.checkCredentials(done) }
    }

    /// What the client has done so far.
    public func statistics() async -> OneShotPayStatistics {
        await withCheckedContinuation { continuation in
            eventLoop.execute { continuation.resume(returning: self.engine.value.statistics) }
        }
    }

    /// How far this machine's clock is from the service's, once a reply has told; `nil` where they agree to a minute.
    public func clockDifference() async -> ClockDifference? {
        await withCheckedContinuation { continuation in
            eventLoop.execute { continuation.resume(returning: self.engine.value.clockDifference) }
        }
    }

    /// Ends every call under way, closes all connections, and returns when that is done.
    public func shutdown() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            eventLoop.execute { self.engine.value.shutdown { continuation.resume() } }
        }
    }

    private func call<Value: Sendable>(
        _ start: @escaping @Sendable (PayLinkEngine, @escaping (Result<Value, OneShotPayError>) -> Void) -> PayLinkCall
    ) async throws(OneShotPayError) -> Value {
        let slot = LoopBound(CallSlot())
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation {
                (continuation: CheckedContinuation<Result<Value, OneShotPayError>, Never>) in
                eventLoop.execute {
                    let call = start(self.engine.value) { continuation.resume(returning: $0) }
                    slot.value.call = call
                    // The handler may have run before there was anything to cancel.
                    if slot.value.isCancelled { call.cancel() }
                }
            }
        } onCancel: {
            eventLoop.execute {
                slot.value.isCancelled = true
                slot.value.call?.cancel()
            }
        }
        return try result.get()
    }
}

/// A call that may be cancelled before it has begun.
private struct CallSlot {
    var call: PayLinkCall?
    var isCancelled = false
}

/// Something that only its event loop touches.
private final class LoopBound<Value>: @unchecked Sendable {
    // Safe because: the client reads and writes it in blocks that it executes on its event loop, and nowhere else;
    // it is set once before the client can be seen by anyone.
    var value: Value

    init(_ value: Value) {
        self.value = value
    }
}
