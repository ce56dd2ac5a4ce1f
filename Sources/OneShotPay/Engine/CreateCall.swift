// Creates one link, at once or held back before each request, and is sure of it before it says so.

import HTTPTransport
import JSON
import NIOCore

/// One create, retries and the search for a link behind a damaged reply included.
final class CreateCall: ServiceCall {
    private var terms: CreatePayLink
    /// How long the link can be paid, until its first request makes a moment of it.
    private var expiresIn: Duration?
    private let page: CheckoutPage
    private let done: (Result<PayLink, OneShotPayError>) -> Void
    private var link: PayLink?
    private var adoption: PayLinkCall?

    init(
        engine: PayLinkEngine, terms: CreatePayLink, expiresIn: Duration?, page: CheckoutPage, deadline: NIODeadline,
        _ done: @escaping (Result<PayLink, OneShotPayError>) -> Void
    ) {
        self.terms = terms
        self.expiresIn = expiresIn
        self.page = page
        self.done = done
        let policy = engine.configuration.retry
        super.init(
            engine: engine,
            machine: CallStateMachine(
                kind: .create, policy: policy, resendsInDoubt: policy.resendsCreatesInDoubt && terms.payer == nil,
                deadline: deadline))
    }

    override var subject: String { "creating a link of \(terms.amount) USD" }

    override func request(token: AccessToken?) -> ByteBuffer {
        guard let token else { return ByteBuffer() }
        if let expiresIn {
            // Only now: the reply that brought the token has told the service's time. Further attempts say the same.
            terms.expiresAt = engine.unixSeconds(after: expiresIn)
            self.expiresIn = nil
        }
        let json = engine.json
        json.reset()
        terms.write(to: json)
        return engine.requests.create(body: json.bytes, idempotencyKey: terms.idempotencyKey, token: token)
    }

    override func read(_ response: HTTPResponse) -> AttemptOutcome {
        do {
            let link = try engine.link(in: response, page: page)
            guard let difference = terms.firstDifference(from: link) else {
                self.link = link
                let isNew = terms.idempotencyKey == nil && machine.possibleOrphans == 0
                engine.readClock(link, in: response, sentAt: sentAt, isNew: isNew)
                return .success
            }
            reportOtherTerms(link, difference, status: response.status)
            return .otherTerms
        } catch {
            lastError = engine.badReply("\(error)", response, subject: subject)
            return .unreadableReply(salvaged: salvage(response.body))
        }
    }

    override func salvage(_ body: ByteBuffer) -> PayLinkID? {
        body.withUnsafeReadableBytes(PayLinkID.firstMentioned(in:))
    }

    override func adopt(_ id: PayLinkID) {
        adoption = engine.get(id, page: page, deadline: machine.deadline) { result in
            self.adoption = nil
            switch result {
            case .success(let link):
                if let difference = self.terms.firstDifference(fromAdopted: link) {
                    self.reportOtherTerms(link, difference, status: nil)
                    self.handle(.adoptedOther)
                } else {
                    self.link = link
                    self.handle(.adopted)
                }
            case .failure(let error):
                self.handle(error.code == .notFound ? .adoptedNone : .adoptionFailed)
            }
        }
    }

    override func succeed() {
        guard var link else { return }
        if machine.possibleOrphans > 0 { link = link.with { $0.possibleOrphans = machine.possibleOrphans } }
        guard var error = engine.expiredOnArrival(link, subject: subject) else { return done(.success(link)) }
        error.possibleOrphans = machine.possibleOrphans
        done(.failure(error))
    }

    override func fail(_ error: OneShotPayError) {
        adoption?.cancel()
        done(.failure(error))
    }

    private func reportOtherTerms(_ link: PayLink, _ difference: String, status: Int?) {
        var error = OneShotPayError(
            .badReply,
            "\(subject): the service made link \(link.id) with \(difference); do not publish it, look into the account",
            status: status, bytesSent: true)
        error.link = link
        lastError = error
    }
}

/// What becomes of a ``HeldCreate``.
package enum CreateEvent {
    /// A request could leave: ``HeldCreate/send()`` lets it. So many earlier ones may each have made a link.
    case ready(possibleOrphans: Int)
    case ended(Result<PayLink, OneShotPayError>)
}

/// A create that stops before each of its requests, retries included.
///
/// Belongs to its engine's event loop. Events come from ``begin()`` on; the last one is ``CreateEvent/ended(_:)``.
package final class HeldCreate {
    private let call: CreateCall
    private let problem: OneShotPayError?
    private let events: (CreateEvent) -> Void
    private var isReady = false

    init(_ call: CreateCall, problem: OneShotPayError?, _ events: @escaping (CreateEvent) -> Void) {
        self.call = call
        self.problem = problem
        self.events = events
        call.whenReady = { [weak self] in self?.becomeReady() }
    }

    package func begin() {
        if let problem {
            call.engine.eventLoop.assumeIsolated().execute { self.events(.ended(.failure(problem))) }
        } else {
            call.begin()
        }
    }

    private func becomeReady() {
        isReady = true
        events(.ready(possibleOrphans: call.machine.possibleOrphans))
    }

    /// Lets the request that is ready leave.
    package func send() {
        guard isReady, !call.machine.isFinished else { return }
        isReady = false
        call.send()
    }

    /// Ends it in place of the request that is ready, of which no byte leaves; code `cancelled`.
    package func withhold() {
        isReady = false
        call.handle(.cancelled(requestLeft: false))
    }

    /// Ends it with code `cancelled`, and closes the connection of a request under way.
    package func cancel() { call.cancel() }
}

extension PayLinkID {
    /// The first id in a damaged reply: `"id"`, a colon and a UUID in quotes, with white space between.
    static func firstMentioned(in bytes: UnsafeRawBufferPointer) -> PayLinkID? {
        let key: [UInt8] = Array("\"id\"".utf8)
        var index = 0
        func skipSpace(_ place: inout Int) {
            while place < bytes.count, bytes[place] == 0x20 || (0x09...0x0D).contains(bytes[place]) { place += 1 }
        }
        while index + key.count <= bytes.count {
            guard bytes[index..<index + key.count].elementsEqual(key) else {
                index += 1
                continue
            }
            index += key.count
            var place = index
            skipSpace(&place)
            guard place < bytes.count, bytes[place] == UInt8(ascii: ":") else { continue }
            place += 1
            skipSpace(&place)
            guard place + 38 <= bytes.count, bytes[place] == UInt8(ascii: "\""), bytes[place + 37] == UInt8(ascii: "\"")
            else { continue }
            if let id = PayLinkID(utf8: UnsafeRawBufferPointer(rebasing: bytes[place + 1..<place + 37])) { return id }
        }
        return nil
    }
}
