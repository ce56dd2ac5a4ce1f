// The connections to one origin: which are idle, how many are being opened, and the requests that wait for one.

package import NIOCore

/// The connections to one scheme, host and port.
package final class HTTPConnectionPool {
    let address: WebAddress
    /// The proxy that leads to the origin, if one does.
    let proxy: ProxySettings.Proxy?
    // Never outlived: whoever has work for the pool (connections, connectors, senders) holds the transport as well.
    private unowned let transport: HTTPTransport
    private var connections: [HTTPConnection] = []
    /// The most recently used last: it is the likeliest to be alive.
    private var idle: [HTTPConnection] = []
    private var connecting: [HTTPConnector] = []
    /// May hold requests that ended meanwhile; `pendingCount` counts those that still want a connection.
    private var pending = CircularBuffer<HTTPExchange>()
    private var pendingCount = 0

    init(address: WebAddress, transport: HTTPTransport) {
        self.address = address
        self.proxy = transport.settings.proxies.proxy(for: address)
        self.transport = transport
    }

    /// Connections that are open or being opened.
    var connectionCount: Int { connections.count + connecting.count }

    // MARK: Requests

    /// Sends a request that is already in its wire form, and calls back exactly once, never before this call returns.
    package func send(
        _ wire: ByteBuffer, isHead: Bool = false, deadline: NIODeadline, maximumReplyBytes: Int? = nil,
        _ done: @escaping (Result<HTTPResponse, HTTPFailure>) -> Void
    ) -> HTTPExchange {
        transport.eventLoop.assertInEventLoop()
        let exchange = HTTPExchange(
            wire: wire, isHead: isHead, deadline: deadline, pool: self, maximumReplyBytes: maximumReplyBytes, done)
        submit(exchange)
        return exchange
    }

    /// Puts a request on an idle connection, or in line for the next.
    private func submit(_ exchange: HTTPExchange) {
        if !transport.isShutDown, pendingCount == 0 {
            let now = transport.eventLoop.now
            while let connection = idle.popLast() {
                if connection.isFresh(now: now) {
                    connection.start(exchange, now: now)
                    return
                }
                connection.close()
            }
        }
        exchange.isPending = true
        pending.append(exchange)
        pendingCount += 1
        if transport.isShutDown {
            transport.eventLoop.assumeIsolated().execute { self.shutdown() }
            return
        }
        if exchange.deadline < .distantFuture { transport.wake(by: exchange.deadline) }
        openConnections()
    }

    /// A waiting request ended by itself.
    func pendingEnded(_ exchange: HTTPExchange) {
        exchange.isPending = false
        pendingCount -= 1
        if pendingCount == 0 { pending.removeAll(keepingCapacity: true) }
    }

    private func nextPending() -> HTTPExchange? {
        while let exchange = pending.popFirst() {
            guard exchange.isPending else { continue }
            exchange.isPending = false
            pendingCount -= 1
            return exchange
        }
        return nil
    }

    // MARK: Connections

    /// A connection has finished its request and can take another.
    func release(_ connection: HTTPConnection) {
        let now = transport.eventLoop.now
        connection.idleSince = now
        if pendingCount > 0 {
            // A server that closes right after its reply has often done so by now.
            guard connection.isFresh(now: now) else { return connection.close() }
            if let exchange = nextPending() { return connection.start(exchange, now: now) }
        }
        idle.append(connection)
        transport.wake(by: now + transport.maximumIdleAge)
    }

    /// A connection is closed.
    func remove(_ connection: HTTPConnection) {
        if let place = connections.firstIndex(where: { $0 === connection }) {
            connections.swapAt(place, connections.count - 1)
            connections.removeLast()
        }
        if let place = idle.firstIndex(where: { $0 === connection }) { idle.remove(at: place) }
        openConnections()
    }

    private func openConnections() {
        let limit = transport.settings.maximumConnections
        while connecting.count < pendingCount, connectionCount < limit, !transport.isShutDown {
            let connector = HTTPConnector(address: address, proxy: proxy, transport: transport)
            connecting.append(connector)
            connector.connect { result in
                self.connected(connector, result)
            }
        }
    }

    private func connected(_ connector: HTTPConnector, _ result: Result<any Channel, HTTPFailure>) {
        connecting.removeAll { $0 === connector }
        do {
            let channel = try result.get()
            guard !transport.isShutDown else {
                channel.close(promise: nil)
                return
            }
            let connection = HTTPConnection(pool: self, transport: transport)
            do {
                try connection.install(on: channel)
            } catch {
                channel.close(promise: nil)
                throw error
            }
            connections.append(connection)
            release(connection)
        } catch {
            // One failed attempt fails one request, the oldest: each retries by its own rules.
            let failure = error as? HTTPFailure
            nextPending()?.finish(
                .failure(
                    failure
                        ?? HTTPFailure(.connectFailed, "connection set-up failed", bytesSent: false, cause: "\(error)"))
            )
            openConnections()
        }
    }

    /// Ends what is overdue; returns when to look again.
    func checkDeadlines(now: NIODeadline) -> NIODeadline {
        var next = NIODeadline.distantFuture
        for connection in connections {
            next = min(next, connection.checkDeadline(now: now))
        }
        if pendingCount > 0 {
            for exchange in pending where exchange.isPending {
                if exchange.deadline > now {
                    next = min(next, exchange.deadline)
                } else {
                    pendingEnded(exchange)
                    exchange.finish(
                        .failure(
                            HTTPFailure(
                                .timeout, "no connection to \(address.authority) was free in time", bytesSent: false)))
                }
            }
        }
        return next
    }

    func shutdown() {
        let failure = HTTPFailure(.shutDown, "the client was shut down", bytesSent: false)
        for connector in connecting { connector.cancel() }
        while let exchange = nextPending() { exchange.finish(.failure(failure)) }
        for connection in connections {
            connection.fail(HTTPFailure(.shutDown, "the client was shut down", bytesSent: connection.isActive))
        }
    }
}
