// The sandbox's replies in the service's wire form: every key, in one fixed order.
// Deliberately independent of the client's wire types, so that each checks the other.

/// Writes links, payments and tokens as the service does.
struct WireFormat: Sendable {
    var options: SandboxOptions
    /// Where the sandbox is reached, without a trailing slash.
    var baseURL: String

    func token(_ token: String) -> JSONValue {
        .object([
            JSONMember("access_token", .string(token)),
            JSONMember("token_type", .string("Bearer")),
            JSONMember("expires_in", .integer(options.tokenLifetime.wholeMilliseconds / 1000)),
        ])
    }

    func link(_ link: SandboxLink, now: SandboxInstant) -> JSONValue {
        .object([
            JSONMember("id", .string(link.id)),
            JSONMember("url", .string(hostedURL(link.id))),
            JSONMember("userId", .string(options.userID)),
            JSONMember("username", .string(options.username)),
            JSONMember("accountAddress", .string(options.accountAddress)),
            JSONMember("profileImageUrl", .text(options.profileImageURL)),
            JSONMember("status", .integer(link.status(at: now).rawValue)),
            JSONMember("amount", .integer(link.amount)),
            JSONMember("description", .string(link.description)),
            JSONMember("mediaUrl", .text(link.mediaURL)),
            JSONMember("expirationTimestamp", .integer(link.expirationTimestamp)),
            JSONMember("reuseable", .bool(link.reusable)),
            JSONMember("payerDefinedAmount", .bool(link.payerDefinedAmount ?? false)),
            JSONMember("requestedPayerUserId", .text(link.requestedPayerUserID)),
            JSONMember("archived", .bool(link.archived)),
            JSONMember("ignoredByRequestedPayer", .bool(link.ignoredByRequestedPayer)),
            JSONMember("paymentCount", .integer(link.paymentCount)),
            JSONMember("deletable", .bool(link.paymentCount == 0)),
            JSONMember("mostRecentPayment", link.mostRecentPayment.map { payment($0, of: link, now: now) } ?? .null),
            JSONMember("createdTimestamp", .integer(link.created.unixSeconds)),
            JSONMember("updatedTimestamp", .integer(link.updated(at: now).unixSeconds)),
        ])
    }

    func payment(_ payment: SandboxPayment, of link: SandboxLink, now: SandboxInstant) -> JSONValue {
        let hash = payment.transactionHash(at: now)
        return .object([
            JSONMember("id", .string(payment.id)),
            JSONMember("payLinkId", .string(link.id)),
            JSONMember("amount", .integer(payment.amount)),
            JSONMember("relayerTransactionId", .string(payment.relayerTransactionID)),
            JSONMember("transactionHash", .text(hash)),
            JSONMember("paidByUserId", .string(payment.paidByUserID)),
            JSONMember("createdTimestamp", .integer(payment.created.unixSeconds)),
            JSONMember("updatedTimestamp", .integer((hash == nil ? payment.created : payment.settles).unixSeconds)),
        ])
    }

    /// What an agent gets at the link's agent address: the price, in the manner of x402.
    func paymentRequired(_ link: SandboxLink) -> JSONValue {
        .object([
            JSONMember("x402Version", .integer(1)),
            JSONMember("error", .string("payment required")),
            JSONMember(
                "accepts",
                .array([
                    .object([
                        JSONMember("scheme", .string("exact")),
                        JSONMember("network", .string("sandbox")),
                        JSONMember("asset", .string("USDC")),
                        JSONMember("maxAmountRequired", .string(String(link.amount))),
                        JSONMember("payTo", .string(options.accountAddress)),
                        JSONMember("resource", .string("\(baseURL)/api/link/\(link.id)")),
                        JSONMember("description", .string(link.description)),
                        JSONMember("mimeType", .string("application/json")),
                    ])
                ])
            ),
        ])
    }

    private func hostedURL(_ id: String) -> String { "\(baseURL)/en/link/\(id)" }
}
