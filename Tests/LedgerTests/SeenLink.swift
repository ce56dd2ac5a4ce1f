// Links as the service may describe them, for tests of what is followed and of payments.

import OneShotPay

@testable import Ledger

/// A link as the service may describe it; a new one each time.
struct Seen {
    var id = UInt64.random(in: 0...UInt64.max)
    var status = 0
    var reusable = false
    var archived = false
    var ignored = false
    var payment: Int?
    var received: Int64 = 12_500_000
    var count = 1
    var madeAt = 1_800_000_000
    var updatedAt = 1_800_000_001

    var link: PayLink {
        get throws {
            let id = PayLinkID(high: 0x01a3_185c_5000_79cb, low: id)
            let payment =
                payment.map {
                    """
                    {"id":"01a3185c-5000-79cb-b3d3-00000000000\($0)","payLinkId":"\(id)","amount":\(received),\
                    "relayerTransactionId":"r","transactionHash":null,"paidByUserId":null,"createdTimestamp":\(madeAt),\
                    "updatedTimestamp":1800000000}
                    """
                } ?? "null"
            let json = """
                {"id":"\(id)","status":\(status),"amount":12500000,"description":"Order","reuseable":\(reusable),\
                "payerDefinedAmount":false,"archived":\(archived),"ignoredByRequestedPayer":\(ignored),"paymentCount":\(count),\
                "deletable":true,"mostRecentPayment":\(payment),"createdTimestamp":1800000000,\
                "updatedTimestamp":\(updatedAt)}
                """
            return try Array(json.utf8).withUnsafeBytes {
                try PayLink(json: $0, page: CheckoutPage(baseURL: LedgerFixture.scope.baseURL))
            }
        }
    }
}

extension PayLink {
    /// The same link, seen again.
    func seen(
        _ status: Int, payment: Int? = nil, archived: Bool = false, ignored: Bool = false,
        received: Int64 = 12_500_000, count: Int = 1, madeAt: Int = 1_800_000_000, updatedAt: Int = 1_800_000_002
    ) throws -> PayLink {
        try Seen(
            id: id.low, status: status, reusable: reusable, archived: archived, ignored: ignored, payment: payment,
            received: received, count: count, madeAt: madeAt, updatedAt: updatedAt
        ).link
    }
}
