// One line of the sandbox's record: a request that came, or something that happened to a link.
// Never holds a token, a secret or a request's body.

/// An entry of the append-only record.
///
/// Tests trust this and not the client: it says which links the service really published, whoever heard of them.
package struct RecordEntry: Sendable, Equatable {
    /// What the entry tells of.
    package enum Kind: String, Sendable {
        /// A request to the API, a page or a control call.
        case request
        /// A pay link was published.
        case created
        /// A pay link was paid.
        case paid
        /// A pay link was archived, ignored by its payer, or ended early.
        case archived, ignored, expired
        /// A payment that was withheld is shown now.
        case shown
        /// The payer may choose the amount from now on.
        case payerDefined = "payer_defined"
    }

    /// Counts from 1, without gaps.
    package internal(set) var sequence = 0
    /// When, by the sandbox's clock.
    package let time: SandboxInstant
    package let kind: Kind
    /// The request's method.
    package internal(set) var method: String?
    /// The request's path, without its query.
    package internal(set) var path: String?
    /// The status that was sent; `nil` when the connection was reset instead.
    package internal(set) var status: Int?
    /// The name of the fault that struck the request.
    package internal(set) var fault: String?
    /// The link that the request committed, or that the event is about.
    package internal(set) var linkID: String?
    /// The request's `Idempotency-Key`.
    package internal(set) var idempotencyKey: String?
    /// Micro-USDC of the link or payment.
    package internal(set) var amount: Int64?
    /// The link's description.
    package internal(set) var description: String?

    init(time: SandboxInstant, kind: Kind) {
        self.time = time
        self.kind = kind
    }

    init(_ event: SandboxState.Event) {
        switch event {
        case .created(let link):
            self.init(time: link.created, kind: .created)
            (linkID, amount, description) = (link.id, link.amount, link.description)
        case .paid(let payment, let link):
            self.init(time: payment.created, kind: .paid)
            (linkID, amount) = (link, payment.amount)
        case .archived(let link, let time):
            self.init(time: time, kind: .archived)
            linkID = link
        case .ignored(let link, let time):
            self.init(time: time, kind: .ignored)
            linkID = link
        case .expired(let link, let time):
            self.init(time: time, kind: .expired)
            linkID = link
        case .shown(let link, let time):
            self.init(time: time, kind: .shown)
            linkID = link
        case .payerDefined(let link, let time):
            self.init(time: time, kind: .payerDefined)
            linkID = link
        }
    }

    /// The entry as JSON; absent fields are left out, except the `status` of a request.
    var json: JSONValue {
        var members = [
            JSONMember("seq", .integer(sequence)),
            JSONMember("time_ms", .integer(time.milliseconds)),
            JSONMember("kind", .string(kind.rawValue)),
        ]
        if let method { members.append(JSONMember("method", .string(method))) }
        if let path { members.append(JSONMember("path", .string(path))) }
        if kind == .request { members.append(JSONMember("status", status.map { .integer($0) } ?? .null)) }
        if let fault { members.append(JSONMember("fault", .string(fault))) }
        if let linkID { members.append(JSONMember("link", .string(linkID))) }
        if let idempotencyKey { members.append(JSONMember("idempotency_key", .string(idempotencyKey))) }
        if let amount { members.append(JSONMember("amount", .integer(amount))) }
        if let description { members.append(JSONMember("description", .string(description))) }
        return .object(members)
    }
}
