// What becomes of requests on simulated connections, as the client sees it.

import HTTPTransport
import NIOCore
import OneShotPay
import Simulation
import Testing

@Suite struct SimulatedConnectionTests {
    private let time = SimulatedTime()
    private static let wire = ByteBuffer(
        string: "POST /links HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}")

    private struct Seen {
        var results: [Result<HTTPResponse, HTTPFailure>] = []
        var served = 0
        var elapsed: TimeAmount = .zero
    }

    /// Sends one request of a fate to a service that answers with ten bytes.
    private func send(
        _ ending: RequestFate.Ending, back: TimeAmount = .seconds(1), limit: TimeAmount = .seconds(30),
        deadline: TimeAmount = .hours(1), then act: (any ServiceExchange, SimulatedLife) -> Void = { _, _ in }
    ) -> Seen {
        var seen = Seen()
        let life = SimulatedLife(time)
        let connection = SimulatedConnection(
            time, life, limit: limit,
            decide: { _ in RequestFate(ending, toConnect: .seconds(1), there: .seconds(1), back: back) },
            serve: { request in
                #expect(request.method == "POST" && request.path == "/links" && request.body == Array("{}".utf8))
                seen.served += 1
                return ServedReply(HTTPResponse(status: 200, headers: [], body: ByteBuffer(string: "0123456789")))
            })
        let exchange = connection.send(Self.wire, deadline: time.now + deadline) { result in
            seen.results.append(result)
            seen.elapsed = time.elapsed
        }
        act(exchange, life)
        while time.step(until: SimulatedTime.beginning + .hours(2)) {}
        return seen
    }

    @Test func anAnsweredRequestTakesItsTime() throws {
        let seen = send(.answered)
        #expect(try seen.results.first?.get().status == 200)
        #expect(seen.elapsed == .seconds(3))
    }

    @Test(arguments: [
        (RequestFate.Ending.unreachable, HTTPFailure.Code.connectFailed, false, 0),
        (.lost, .connectionLost, true, 0), (.replyLost, .connectionLost, true, 1),
        (.cut(at: 4), .connectionLost, true, 1),
    ])
    func aRequestThatFailsSaysWhetherItLeft(
        ending: RequestFate.Ending, code: HTTPFailure.Code, bytesSent: Bool, served: Int
    ) {
        let seen = send(ending)
        #expect(seen.results.count == 1)
        #expect(seen.served == served)
        guard case .failure(let failure)? = seen.results.first else { return #expect(Bool(false), "no failure") }
        #expect(failure.code == code)
        #expect(failure.bytesSent == bytesSent)
        if case .cut = ending { #expect(failure.partial?.body.readableBytes == 4) }
    }

    @Test func aReplyThatComesTooLateIsNoReply() {
        let seen = send(.answered, back: .seconds(60))
        guard case .failure(let failure)? = seen.results.first else { return #expect(Bool(false), "no failure") }
        #expect(failure.code == .timeout && failure.bytesSent)
        #expect(seen.results.count == 1 && seen.served == 1)
        #expect(seen.elapsed == .seconds(31))
    }

    @Test func aDeadlineBeforeItsBytesLeaveSendsNothing() {
        let seen = send(.answered, deadline: .milliseconds(500))
        guard case .failure(let failure)? = seen.results.first else { return #expect(Bool(false), "no failure") }
        #expect(failure.code == .timeout && !failure.bytesSent && seen.served == 0)
    }

    @Test func whatHasLeftIsServedAlthoughItsProcessIsGone() {
        let seen = send(.answered) { _, life in time.add(due: time.now + .milliseconds(1_500)) { life.end() } }
        #expect(seen.results.isEmpty)
        #expect(seen.served == 1)
    }

    @Test func aCancelledRequestFailsAtOnce() {
        let seen = send(.answered) { exchange, _ in exchange.cancel() }
        guard case .failure(let failure)? = seen.results.first else { return #expect(Bool(false), "no failure") }
        #expect(failure.code == .cancelled && !failure.bytesSent && seen.served == 0)
    }
}
