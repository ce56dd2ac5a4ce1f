// Connections: reuse, staleness, refusal, names, IPv6, and what is left of them.

import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import OneShotPay

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct ConnectionTests {
    @Test func keepsOneConnectionForOneCallerAtATime() async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.link)] }
        try await Live.with(server) { client in
            for _ in 0..<20 { _ = try await client.getPayLink(Live.id) }
            #expect(server.connections == 1)
        }
    }

    /// Read as curl does, so that a create that was answered is not sent again; but not on the same connection.
    @Test(
        arguments: [
            "HTTP/1.1 200 OK\nContent-Length: N\n\n", "HTTP/1.1 200 OK\r\nContent-Type: x\nContent-Length: N\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: N\r\n\n", "HTTP/1.1 200 OK\nContent-Length: N\n\r\n",
            "HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\nContent-Length: N\n\n",
        ], [true, false])
    func linesThatEndInABareLineFeedAreRead(head: String, isWhole: Bool) async throws {
        let body = Sample.json().replacing(",", with: ",\n")
        let reply = Array((head.replacing("N", with: "\(body.utf8.count)") + body).utf8)
        let server = try await FaultServer.start { _ in
            isWhole ? [.send(reply)] : [.drip(reply, every: .microseconds(1))]
        }
        try await Live.with(server) { client in
            for _ in 0..<2 {
                let link = try await client.createPayLink(Live.terms)
                #expect(link.id == Live.id)
            }
            #expect(server.creates.count == 2 && server.connections == 2)
        }
    }

    @Test func aChunkedBodyWithBareLineFeedsIsRefusedByName() async throws {
        let body = Sample.json()
        let size = String(body.utf8.count, radix: 16)
        let server = try await FaultServer.start { _ in
            [.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(size)\n\(body)\n0\n\n")]
        }
        try await Live.with(server, { $0.retry = .never }) { client in
            let error = await Live.getFailure(client)
            #expect(error?.code == .badReply, "\(String(describing: error))")
            #expect(error?.message.contains("bare line feed") == true)
        }
    }

    @Test(arguments: [(200, "gzip"), (200, "br"), (503, "gzip"), (400, "deflate, gzip")])
    func anEncodingThatNobodyAskedForIsNamed(status: Int, encoding: String) async throws {
        let server = try await FaultServer.start { _ in
            [.send(Reply.status(status, "Content-Encoding: \(encoding)\r\n", body: "\u{1F}\u{1}abc"))]
        }
        try await Live.with(server, { $0.retry = .never }) { client in
            let error = await Live.getFailure(client)
            #expect(error?.message.contains("Content-Encoding") == true && error?.message.contains(encoding) == true)
        }
    }

    @Test func neverOpensMoreThanItsLimit() async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.link)] }
        try await Live.with(server, { $0.maximumConnections = 3 }) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<100 { group.addTask { _ = try await client.getPayLink(Live.id) } }
                try await group.waitForAll()
            }
            #expect(server.connections <= 3)
        }
    }

    @Test func dropsAConnectionThatSpeaksUnasked() async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.link + Reply.link)] }
        try await Live.with(server, { $0.retry = .never }) { client in
            for _ in 0..<5 { try await Live.expectLink(client) }
            #expect(server.connections >= 5)
        }
    }

    @Test func closesConnectionsThatRestTooLong() async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.link)] }
        try await Live.with(
            server,
            {
                $0.maximumIdleAge = .zero; $0.retry = .never
            }
        ) { client in
            for _ in 0..<3 { _ = try await client.getPayLink(Live.id) }
        }
    }

    @Test func aRefusedPortSentNothing() async throws {
        let server = try await FaultServer.start { _ in [] }
        let port = server.port
        await server.stop()
        var configuration = Live.configuration(server)
        configuration.baseURL = "http://127.0.0.1:\(port)"
        let client = try OneShotPayClient(
            configuration: configuration, credentials: Credentials(userID: "m", apiToken: "t"))
        let error = await Live.createFailure(client)
        #expect(
            error?.code == .connectFailed && error?.bytesSent == false && error?.retryable == true
                && error?.possibleOrphans == 0)
        await client.shutdown()
    }

    @Test func anUnknownNameSentNothing() async throws {
        let server = try await FaultServer.start { _ in [] }
        try await Live.with(
            server,
            {
                $0.baseURL = "https://nonexistent.invalid"; $0.retry = .never
            }
        ) { client in
            let error = await Live.createFailure(client)
            #expect(error?.code == .resolveFailed && error?.bytesSent == false, "\(String(describing: error))")
        }
    }

    @Test func childrenInheritNoConnection() async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.link)] }
        try await Live.with(server) { client in
            try await Live.expectLink(client)
            var found = 0
            for descriptor in 3..<Int32(1_024) {
                var peer = sockaddr_in()
                var length = socklen_t(MemoryLayout<sockaddr_in>.size)
                let isConnected = withUnsafeMutableBytes(of: &peer) { bytes in
                    bytes.withMemoryRebound(to: sockaddr.self) { getpeername(descriptor, $0.baseAddress, &length) == 0 }
                }
                guard isConnected, Int(UInt16(bigEndian: peer.sin_port)) == server.port else { continue }
                found += 1
                #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
            }
            #expect(found >= 1)
        }
    }

    @Test func connectsOverIPv6AndByName() async throws {
        for (host, base) in [("::1", "[::1]"), ("127.0.0.1", "localhost")] {
            let server = try await FaultServer.start(host: host) { _ in [.send(Reply.link)] }
            try await Live.with(server, { $0.baseURL = "http://\(base):\(server.port)" }) { client in
                try await Live.expectLink(client)
                #expect(server.gets.first?.headers["host"] == "\(base):\(server.port)")
            }
        }
    }

    /// Nobody has to shut an engine down for its memory and connections to be given back.
    @Test(arguments: [true, false])
    func nothingOutlivesAForgottenEngine(isShutDown: Bool) async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.link)] }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let configuration = Live.configuration(server) { $0.maximumIdleAge = .milliseconds(20) }
        let remains = Remains()
        try await loop.submit { () -> EventLoopFuture<Void> in
            let engine = try PayLinkEngine(
                configuration: configuration, credentials: Credentials(userID: "m", apiToken: "t"), eventLoop: loop)
            remains.engine = engine
            remains.transport = engine.connection
            let promise = loop.makePromise(of: Void.self)
            engine.create(Live.terms) { _ in
                if isShutDown { engine.shutdown { promise.succeed() } } else { promise.succeed() }
            }
            return promise.futureResult
        }.get().get()
        while try await loop.submit({ remains.engine != nil || remains.transport != nil }).get() { await Task.yield() }
        while server.closed < server.connections { await Task.yield() }
        await server.stop()
        try await group.shutdownGracefully()
    }
}

/// What should be gone.
private final class Remains: @unchecked Sendable {
    // Safe because: the test reads and writes them on one event loop.
    weak var engine: PayLinkEngine?
    weak var transport: (any ServiceConnection)?
}
