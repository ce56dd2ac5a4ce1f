// The general face of the transport: the bytes of a request, and what is refused before any is sent.

import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import HTTPTransport

@Suite struct HTTPRequestTests {
    static func bytes(_ request: HTTPRequest, proxy: ProxySettings.Proxy? = nil) throws -> String {
        String(buffer: try request.wireBytes(allocator: ByteBufferAllocator(), proxy: proxy))
    }

    @Test func writesARequest() throws {
        let address = try WebAddress(parsing: "http://example.com:8080/a b".replacing(" ", with: "%20") + "/ü?q=ß")
        let request = HTTPRequest(
            method: "POST", address: address, headers: [("X-One", "1")], body: ByteBuffer(string: "hello"))
        #expect(
            try Self.bytes(request)
                == "POST /a%20b/%C3%BC?q=%C3%9F HTTP/1.1\r\nHost: example.com:8080\r\nX-One: 1\r\nContent-Length: 5\r\n\r\nhello"
        )
        #expect(try Self.bytes(HTTPRequest(method: "POST", address: address)).hasSuffix("Content-Length: 0\r\n\r\n"))
        #expect(try !Self.bytes(HTTPRequest(address: address)).contains("Content-Length"))
        let proxy = ProxySettings.Proxy(host: "p", port: 1, authorization: "Basic x")
        #expect(
            try Self.bytes(HTTPRequest(address: address), proxy: proxy).hasPrefix("GET http://example.com:8080/a%20b"))
    }

    @Test(arguments: [
        ("GET ", "X", "v"), ("GET\r\n", "X", "v"), ("", "X", "v"), ("GET", "", "v"), ("GET", "X Y", "v"),
        ("GET", "X:", "v"), ("GET", "X", "a\r\nB: c"), ("GET", "X", "a\u{0}"),
        ("GET", "Content-Length", "5"), ("GET", "HOST", "x"), ("GET", "Transfer-Encoding", "chunked"),
    ])
    func refusesWhatWouldBreakOut(method: String, name: String, value: String) throws {
        let request = HTTPRequest(
            method: method, address: try WebAddress(parsing: "http://a"), headers: [(name, value)])
        #expect(throws: HTTPFailure.self) { try Self.bytes(request) }
    }

    @Test func sendsAnyRequest() async throws {
        let server = try await LoopbackServer.start { request in
            [
                .send(
                    request.method == "HEAD"
                        ? "HTTP/1.1 200 OK\r\nContent-Length: 500\r\nX-Seen: yes\r\n\r\n"
                        : "HTTP/1.1 418 X\r\nContent-Length: \(request.body.utf8.count)\r\n\r\n\(request.body)")
            ]
        }
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let port = server.port
        let results = try await loop.submit { () -> EventLoopFuture<[String]> in
            let transport = HTTPTransport(settings: HTTPTransport.Settings(), eventLoop: loop)
            let address = try WebAddress(parsing: "http://localhost:\(port)/x")
            let promise = loop.makePromise(of: [String].self)
            transport.send(HTTPRequest(method: "HEAD", address: address)) { head in
                transport.send(HTTPRequest(method: "PUT", address: address, body: ByteBuffer(string: "tea"))) { put in
                    transport.send(HTTPRequest(method: "B D", address: address)) { bad in
                        let shown = [head, put, bad].map { result in
                            switch result {
                            case .success(let response):
                                "\(response.status) \(response.header("X-SEEN") ?? "-") \(String(buffer: response.body))"
                            case .failure(let failure): "\(failure.code.rawValue) \(failure.bytesSent)"
                            }
                        }
                        transport.shutdown { promise.succeed(shown) }
                    }
                }
            }
            return promise.futureResult
        }.get().get()
        #expect(results == ["200 yes ", "418 - tea", "invalid_request false"])
        #expect(server.log.connections == 1)
        await server.stop()
    }
}
