// The HTTP side: reads a request from Hummingbird, finds its route, and has the answer delivered.
// Decides nothing itself about links, pages or faults.

import HTTPTypes
import HummingbirdCore
import LocalServer
import NIOCore
import NIOHTTP1

/// Answers every request that reaches the sandbox.
struct SandboxResponder: Sendable {
    /// A reply could not be written to the end.
    struct BrokenReply: Error {}

    /// The largest request body that is read.
    static let bodyLimit = 64 * 1024

    let core: SandboxCore
    let guardian: OriginGuard

    init(core: SandboxCore) {
        self.core = core
        // Scheme, nothing, authority, path …
        let parts = (core.options.publicBaseURL ?? "").split(separator: "/", omittingEmptySubsequences: false)
        guardian = OriginGuard(names: [core.options.host] + (parts.count >= 3 ? [String(parts[2])] : []))
    }

    /// Reads a request, and writes the reply. What a request breaks off in the middle of is for Hummingbird to answer.
    func respond(to request: Request, with writer: consuming ResponseWriter, over channel: any Channel) async throws {
        let response: Response
        do { response = try await self.response(to: request, over: channel) } catch let error as HTTPParserError {
            throw error
        } catch {
            response = Response(status: .internalServerError)
        }
        do { try await writer.write(response: response.head, body: response.body) } catch is HTTPParserError {
            // Of the next request: this one has its reply.
            throw BrokenReply()
        }
    }

    private func response(to request: Request, over channel: any Channel) async throws -> Response {
        let method = request.method.rawValue
        let path = request.uri.path
        let route = Route(method: method, path: path)
        let body: [UInt8]
        do {
            var buffer = try await request.body.collect(upTo: Self.bodyLimit)
            body = buffer.readBytes(length: buffer.readableBytes) ?? []
        } catch is NIOTooManyBytesError {
            let refusal = Refusal(
                status: 413, code: "too_large", message: "a body may have \(Self.bodyLimit) bytes at most")
            return Delivery.response(note(.refusal(refusal), method: method, path: path, route: route))
        }
        if case .api(let endpoint, let id) = route {
            let call = APIRequest(
                method: method,
                path: path,
                contentType: request.headers[.contentType],
                authorization: request.headers[.authorization],
                idempotencyKey: Self.idempotencyKey.flatMap { request.headers[$0] },
                body: body
            )
            let exchange = core.answer(call, endpoint: endpoint, id: id)
            return try await Delivery(channel: channel).deliver(exchange, isHead: method == "HEAD")
        }
        let reply: Reply
        do {
            try check(request, route: route)
            reply = try answer(route, body: body, query: Query(request.uri.query))
        } catch {
            reply = .refusal(error)
        }
        return Delivery.response(note(reply, method: method, path: path, route: route), isHead: method == "HEAD")
    }

    private static let idempotencyKey = HTTPField.Name("Idempotency-Key")

    private func check(_ request: Request, route: Route) throws(Refusal) {
        let changes =
            switch route {
            case .pagePay: true
            case .control(let call): !call.onlyReads
            default: false
            }
        do throws(OriginGuard.Problem) { try guardian.check(request, changes: changes) } catch {
            throw switch error {
            case .foreignHost:
                Refusal(status: 421, code: "foreign_host", message: "this sandbox does not answer to that Host")
            case .foreignOrigin:
                Refusal(status: 403, code: "foreign_origin", message: "only the sandbox's own pages may do this")
            }
        }
    }

    private func answer(_ route: Route, body: [UInt8], query: Query) throws(Refusal) -> Reply {
        switch route {
        case .api, .notFound: throw .noSuchPage
        case .methodNotAllowed(let allow): return .methodNotAllowed(allow: allow)
        case .control(let call): return .json(try core.control(call, body: body, query: query))
        case .agent(let id): return try core.agentAnswer(id)
        case .index: return core.indexPage()
        case .page(let locale, let id): return core.checkoutPage(locale, id: id, query: query)
        case .pageState(_, let id): return try core.pageState(id)
        case .pagePay(let locale, let id): return core.payFromPage(locale, id: id, query: query)
        }
    }

    /// Puts the request in the record, unless it only looked at the sandbox itself.
    private func note(_ reply: Reply, method: String, path: String, route: Route) -> Reply {
        switch route {
        case .pageState: return reply
        case .control(let call) where call.onlyReads: return reply
        default: break
        }
        core.perform { interior, now in
            var entry = RecordEntry(time: now, kind: .request)
            (entry.method, entry.path, entry.status) = (method, path, reply.status)
            interior.record.append(entry)
        }
        return reply
    }
}
