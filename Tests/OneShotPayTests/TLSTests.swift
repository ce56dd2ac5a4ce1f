// TLS and proxies: whom the client trusts, and how it gets through a tunnel.

import NIOCore
import NIOSSL
import TestSupport
import Testing

@testable import OneShotPay

@Suite(.serialized) struct TLSTests {
    @Test func trustsAnAuthorityOnlyWhenTold() async throws {
        let certificates = try Certificates(name: "localhost")
        let server = try await FaultServer.start(tls: certificates.context()) { _ in [.send(Reply.link)] }
        let base = "https://localhost:\(server.port)"
        try await Live.with(
            server,
            {
                $0.baseURL = base; $0.caFile = certificates.authority
            }
        ) { client in
            for _ in 0..<3 { try await Live.expectLink(client) }
            #expect(server.connections == 1)
        }
        let other = try await FaultServer.start(tls: certificates.context()) { _ in [.send(Reply.link)] }
        try await Live.with(other, { $0.baseURL = "https://localhost:\(other.port)" }) { client in
            let error = await Live.createFailure(client)
            #expect(
                error?.code == .tlsFailed && error?.bytesSent == false && error?.message.contains("CA file") == true,
                "\(String(describing: error))")
            #expect(other.requests.isEmpty && other.connections == 1)
        }
    }

    @Test func refusesACertificateForAnotherName() async throws {
        let certificates = try Certificates(name: "pay.example.com")
        for host in ["localhost", "127.0.0.1"] {
            let server = try await FaultServer.start(tls: certificates.context()) { _ in [.send(Reply.link)] }
            try await Live.with(
                server,
                {
                    $0.baseURL = "https://\(host):\(server.port)"; $0.caFile = certificates.authority
                }
            ) { client in
                let error = await Live.createFailure(client)
                #expect(
                    error?.code == .tlsFailed && error?.message.contains("another name") == true,
                    "\(String(describing: error))")
                #expect(server.requests.isEmpty)
            }
        }
    }

    @Test func verifiesAnAddressInTheCertificate() async throws {
        let certificates = try Certificates(name: "localhost", address: "127.0.0.1")
        let server = try await FaultServer.start(tls: certificates.context()) { _ in [.send(Reply.link)] }
        try await Live.with(
            server,
            {
                $0.baseURL = "https://127.0.0.1:\(server.port)"; $0.caFile = certificates.authority
            }
        ) { client in
            try await Live.expectLink(client)
        }
    }

    @Test func anUnreadableCAFileIsReported() async throws {
        let server = try await FaultServer.start { _ in [] }
        try await Live.with(
            server,
            {
                $0.baseURL = "https://localhost:\(server.port)"; $0.caFile = "/nonexistent/ca.pem"
            }
        ) { client in
            let error = await Live.createFailure(client)
            #expect(
                error?.code == .tlsFailed && error?.message.contains("/nonexistent/ca.pem") == true
                    && error?.bytesSent == false)
        }
    }

    @Test func plainTextWhereTLSIsExpectedFails() async throws {
        let server = try await FaultServer.start { _ in [] }
        try await Live.with(
            server,
            {
                $0.baseURL = "https://localhost:\(server.port)"; $0.retry = .never;
                $0.timeouts.connect = .milliseconds(300)
            }
        ) { client in
            let error = await Live.createFailure(client)
            #expect(error?.bytesSent == false && error?.possibleOrphans == 0)
        }
    }

    @Test func tunnelsThroughAProxy() async throws {
        let certificates = try Certificates(name: "pay.test")
        let server = try await FaultServer.start(tls: certificates.context()) { _ in [.send(Reply.link)] }
        let proxy = try await TunnelProxy.start(to: server.port)
        let environment = ["HTTPS_PROXY": "http://user:p%40ss@127.0.0.1:\(proxy.port)"]
        try await Live.with(
            server,
            {
                $0.baseURL = "https://pay.test"; $0.caFile = certificates.authority; $0.proxyEnvironment = environment
            }
        ) { client in
            try await Live.expectLink(client)
            let request = try #require(proxy.requests.first)
            #expect(request.hasPrefix("CONNECT pay.test:443 HTTP/1.1\r\nHost: pay.test:443\r\n"))
            #expect(request.contains("Proxy-Authorization: Basic dXNlcjpwQHNz\r\n"))
            #expect(server.gets.first?.headers["proxy-authorization"] == nil)
        }
        await proxy.stop()
    }

    /// A settled no is not asked for again: a wrong password that is tried often enough locks an account.
    @Test(arguments: [("HTTP/1.1 407 Auth\r\n\r\n", "407"), ("HTTP/1.1 403 No\r\n\r\n", "403")])
    func aRefusalByTheProxyIsFinal(reply: String, word: String) async throws {
        let server = try await FaultServer.start { _ in [] }
        let proxy = try await TunnelProxy.start(to: server.port, answer: reply)
        let environment = ["HTTPS_PROXY": "http://user:hunter2@127.0.0.1:\(proxy.port)"]
        try await Live.with(
            server,
            {
                $0.baseURL = "https://pay.test"; $0.proxyEnvironment = environment
            }
        ) { client in
            let error = await Live.createFailure(client)
            #expect(error?.code == .invalidConfiguration && error?.retryable == false && error?.bytesSent == false)
            #expect(error?.message.contains(word) == true && error?.description.contains("hunter2") == false)
            #expect(proxy.requests.count == 1)
        }
        await proxy.stop()
    }

    /// The dot that says that a name is whole is no part of it for a certificate.
    @Test func aFinalDotIsNoPartOfTheCertificatesName() async throws {
        let certificates = try Certificates(name: "pay.test")
        let server = try await FaultServer.start(tls: certificates.context()) { _ in [.send(Reply.link)] }
        let proxy = try await TunnelProxy.start(to: server.port)
        let environment = ["HTTPS_PROXY": "http://127.0.0.1:\(proxy.port)"]
        try await Live.with(
            server,
            {
                $0.baseURL = "https://Pay.test."; $0.caFile = certificates.authority; $0.proxyEnvironment = environment
            }
        ) { client in
            try await Live.expectLink(client)
            #expect(server.gets.first?.headers["host"] == "pay.test.")
        }
        await proxy.stop()
    }

    @Test(arguments: [
        ("HTTP/1.1 503 Bare\n\n", "503"), ("HTTP/1.1 502 Bad\r\n\r\n", "502"), ("nonsense\r\n\r\n", "HTTP"),
        ("HTTP/1.1 200 OK\r\n\r\nextra", "more"),
    ])
    func reportsWhatTheProxySays(reply: String, word: String) async throws {
        let server = try await FaultServer.start { _ in [] }
        let proxy = try await TunnelProxy.start(to: server.port, answer: reply)
        let environment = ["HTTPS_PROXY": "http://user:hunter2@127.0.0.1:\(proxy.port)"]
        try await Live.with(
            server,
            {
                $0.baseURL = "https://pay.test"; $0.retry = .never; $0.proxyEnvironment = environment
            }
        ) { client in
            let error = await Live.createFailure(client)
            #expect(
                error?.code == .connectFailed && error?.bytesSent == false && error?.message.contains(word) == true,
                "\(String(describing: error))")
            #expect(error?.description.contains("hunter2") == false)
        }
        await proxy.stop()
    }

    @Test func loopbackIsNeverProxied() async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.link)] }
        let environment = [
            "HTTPS_PROXY": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1",
        ]
        try await Live.with(server, { $0.proxyEnvironment = environment }) { client in
            try await Live.expectLink(client)
        }
    }
}
