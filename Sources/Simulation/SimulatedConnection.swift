// The client's requests on their way to a service in simulated time. What becomes of each is decided by its fate.

package import HTTPTransport
package import NIOCore
package import OneShotPay

/// What becomes of one request on its way. A request that nothing happens to is served and answered.
package struct RequestFate {
    package enum Ending: Sendable {
        /// No connection comes about: no byte leaves.
        case unreachable
        /// It leaves, and is lost before it is served; the connection breaks.
        case lost
        /// It is served, and the connection breaks before the reply.
        case replyLost
        /// It is served, and of its reply's body only so many bytes arrive.
        case cut(at: Int)
        /// Nobody serves it: something on the way answers instead.
        case refused(status: Int, headers: [(name: String, value: String)])
        /// It is served, and something on the way answers with this status.
        case overruled(status: Int)
        /// It is served, and its reply is spoilt: complete, and no JSON.
        case spoilt
        case answered
    }

    package var ending = Ending.answered
    /// From the call until the first byte leaves.
    package var toConnect: TimeAmount
    /// From there until it is served.
    package var there: TimeAmount
    /// From there until the reply is complete.
    package var back: TimeAmount

    package init(_ ending: Ending = .answered, toConnect: TimeAmount, there: TimeAmount, back: TimeAmount) {
        self.ending = ending
        self.toConnect = toConnect
        self.there = there
        self.back = back
    }
}

/// A request as it arrives at a service.
package struct ArrivedRequest {
    package var method: String
    package var path: String
    package var headers: [String: String]
    package var body: [UInt8]

    /// Reads the wire form of a request that a client made.
    package init?(_ wire: ByteBuffer) {
        let bytes = Array(wire.readableBytesView)
        guard let split = Self.endOfHead(bytes) else { return nil }
        let lines = String(decoding: bytes[..<split], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count == 3 else { return nil }
        method = String(words[0])
        path = String(words[1])
        headers = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        body = Array(bytes[(split + 4)...])
    }

    /// Where the empty line behind the headers begins.
    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBufferPointer { bytes in
            var index = 0
            while index + 3 < bytes.count {
                if bytes[index] == 13, bytes[index + 1] == 10, bytes[index + 2] == 13, bytes[index + 3] == 10 {
                    return index
                }
                index += 1
            }
            return nil
        }
    }
}

/// What a service answers, and what becomes of the reply on its way.
package struct ServedReply {
    package var response: HTTPResponse
    /// How it ends, where the service itself decides that.
    package var ending: RequestFate.Ending?
    /// How much longer it takes.
    package var delay = TimeAmount.zero

    package init(_ response: HTTPResponse) { self.response = response }

    package init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.init(HTTPResponse(status: status, headers: headers, body: ByteBuffer(bytes: body)))
    }
}

/// The connections of one simulated process.
package final class SimulatedConnection: ServiceConnection {
    /// Answers a request at the moment at which it is served.
    package typealias Serve = (ArrivedRequest) -> ServedReply

    private let time: SimulatedTime
    private let life: SimulatedLife
    private let limit: TimeAmount
    private let decide: (ArrivedRequest) -> RequestFate
    private let serve: Serve
    fileprivate var open: [UInt64: SimulatedExchange] = [:]
    private var exchanges: UInt64 = 0
    /// How many requests are on the wire at once, and those that wait for their turn.
    private let width: Int
    private var underWay = 0
    private var waiting: [(SimulatedExchange, () -> Void)] = []
    private var isShutDown = false

    /// - Parameters:
    ///   - width: how many requests are on the wire at once, as a real client's connections are limited.
    ///   - limit: how long a reply may take from the moment at which its request left.
    ///   - decide: what becomes of a request.
    package init(
        _ time: SimulatedTime, _ life: SimulatedLife, width: Int = .max, limit: TimeAmount,
        decide: @escaping (ArrivedRequest) -> RequestFate, serve: @escaping Serve
    ) {
        self.width = width
        self.time = time
        self.life = life
        self.limit = limit
        self.decide = decide
        self.serve = serve
    }

    package func send(
        _ wire: ByteBuffer, deadline: NIODeadline, _ done: @escaping (Result<HTTPResponse, HTTPFailure>) -> Void
    ) -> any ServiceExchange {
        exchanges += 1
        let number = exchanges
        let exchange = SimulatedExchange(number, done)
        var isUnderWay = false
        exchange.whenOver = { [weak self] in
            guard let self else { return }
            open[number] = nil
            guard isUnderWay else { return }
            underWay -= 1
            startWaiting()
        }
        open[number] = exchange
        guard !isShutDown, let request = ArrivedRequest(wire) else {
            time.add(due: time.now, life: life) { exchange.fail(.shutDown, "the client was shut down") }
            return exchange
        }
        let last = time.add(due: deadline, life: life) {
            exchange.fail(.timeout, "no answer in the time that was left")
        }
        exchange.timers.append(last)
        let start = { [unowned self] in
            isUnderWay = true
            underWay += 1
            begin(request, exchange)
        }
        if underWay < width { start() } else { waiting.append((exchange, start)) }
        return exchange
    }

    private func startWaiting() {
        while underWay < width, !waiting.isEmpty {
            let (exchange, begin) = waiting.removeFirst()
            if !exchange.isOver { begin() }
        }
    }

    private func begin(_ request: ArrivedRequest, _ exchange: SimulatedExchange) {
        let fate = decide(request)
        time.add(due: time.now + fate.toConnect, life: life) { [self] in
            guard !exchange.isOver else { return }
            if case .unreachable = fate.ending { return exchange.fail(.connectFailed, "the service cannot be reached") }
            exchange.hasLeft = true
            let longest = time.add(due: time.now + limit, life: life) {
                exchange.fail(.timeout, "no answer within the limit")
            }
            exchange.timers.append(longest)
            travel(request, fate, exchange)
        }
    }

    /// What has left goes on, whatever becomes of the process that sent it.
    private func travel(_ request: ArrivedRequest, _ fate: RequestFate, _ exchange: SimulatedExchange) {
        time.add(due: time.now + fate.there) { [self] in
            var served: ServedReply?
            switch fate.ending {
            case .unreachable, .lost: break
            case .refused(let status, let headers):
                served = ServedReply(HTTPResponse(status: status, headers: headers, body: ByteBuffer()))
            case .overruled(let status):
                _ = serve(request)
                served = ServedReply(HTTPResponse(status: status, headers: [], body: ByteBuffer()))
            case .spoilt:
                let body = ByteBuffer(string: "<html>not a reply</html>")
                served = ServedReply(HTTPResponse(status: serve(request).response.status, headers: [], body: body))
            case .replyLost, .cut, .answered: served = serve(request)
            }
            guard !life.hasEnded else { return }
            let due = time.now + fate.back + (served?.delay ?? .zero)
            time.add(due: due, life: life) {
                exchange.receive(served?.response, served?.ending ?? fate.ending)
            }
        }
    }

    package func shutdown(_ done: @escaping () -> Void) {
        isShutDown = true
        for exchange in open.values.sorted(by: { $0.number < $1.number }) {
            exchange.fail(.shutDown, "the client was shut down")
        }
        time.add(due: time.now, life: life, done)
    }
}

extension SimulatedConnection {
    package func discard() {
        for exchange in open.values { exchange.discard() }
        open = [:]
        waiting = []
    }
}

/// One request and its reply.
private final class SimulatedExchange: ServiceExchange {
    fileprivate let number: UInt64
    var hasLeft = false
    fileprivate var whenOver: (() -> Void)?
    /// What would end it; called off when it is over.
    fileprivate var timers: [SimulatedTime.Item] = []
    private var done: ((Result<HTTPResponse, HTTPFailure>) -> Void)?

    init(_ number: UInt64, _ done: @escaping (Result<HTTPResponse, HTTPFailure>) -> Void) {
        self.done = done
        self.number = number
    }

    var isOver: Bool { done == nil }

    func cancel() { fail(.cancelled, "the request was cancelled") }

    func fail(_ code: HTTPFailure.Code, _ message: String, partial: HTTPResponse? = nil) {
        finish(.failure(HTTPFailure(code, message, bytesSent: hasLeft, partial: partial)))
    }

    func receive(_ answer: HTTPResponse?, _ ending: RequestFate.Ending) {
        switch (ending, answer) {
        case (.lost, _), (.unreachable, _), (.replyLost, _), (_, nil):
            fail(.connectionLost, "the connection broke before the reply was complete")
        case (.cut(let count), let answer?):
            var body = answer.body
            let rest = body.readSlice(length: min(count, max(0, body.readableBytes - 1))) ?? ByteBuffer()
            let partial = HTTPResponse(status: answer.status, headers: answer.headers, body: rest)
            fail(.connectionLost, "the connection broke within the reply", partial: partial)
        case (_, let answer?): finish(.success(answer))
        }
    }

    fileprivate func discard() {
        done = nil
        whenOver = nil
        for timer in timers { timer.cancel() }
        timers = []
    }

    private func finish(_ result: Result<HTTPResponse, HTTPFailure>) {
        guard let done else { return }
        self.done = nil
        whenOver?()
        whenOver = nil
        for timer in timers { timer.cancel() }
        timers = []
        done(result)
    }
}
