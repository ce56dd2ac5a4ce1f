// What happens to one link at the service, drawn at random: payments short, in full, over, late and double, an expiry, an
// end by hand. Times are seconds since the simulation began.

import OneShotPay
import Seeded

struct MoneyHistory {
    struct Payment {
        let number: UInt64
        /// When the service shows it.
        let at: Double
        let micro: Int64
    }

    static let amount: Int64 = 12_500_000
    /// Unix seconds at which a simulation begins.
    static let unixStart: Int64 = 1_800_000_000

    let number: Int
    let isReusable: Bool
    let createdAt: Double
    let expiresAt: Double?
    let archivedAt: Double?
    let payments: [Payment]
    /// For so long the service says paid, and shows no payment.
    let hiddenFor: Double

    var id: PayLinkID { PayLinkID(high: 0x01a3_185c_0000_7000, low: 0x8000_0000_0000_0000 | UInt64(number)) }

    init(number: Int, random: inout SplitMix) {
        self.number = number
        createdAt = random.between(0, 3_600)
        isReusable = random.chance(0.15)
        expiresAt = random.chance(0.8) ? createdAt + random.between(60, 3_600).rounded() : nil
        let isArchived = expiresAt == nil || random.chance(0.1)
        archivedAt = isArchived ? createdAt + random.between(30, 2 * 3_600) : nil
        hiddenFor = random.chance(0.1) ? random.between(0.5, 2) : 0
        let end = min(expiresAt ?? .infinity, archivedAt ?? .infinity)
        var payments: [Payment] = []
        // Apart by more than a link goes unseen: what nobody could see is no matter of this test.
        func add(_ at: Double, _ micro: Int64) {
            payments.append(Payment(number: UInt64(number * 10 + payments.count), at: at, micro: micro))
        }
        let full = Self.amount, over = full + Int64(random.between(1, 9_000_000)),
            short = Int64(random.between(1, 12_499_999))
        let inTime = createdAt + random.between(0, end - createdAt)
        // Seconds behind the end, or hours.
        let late = end + (random.chance(0.5) ? random.between(0, 20) : random.between(20, 23 * 3_600))
        switch random.below(isReusable ? 6 : 9) {
        case 0: break
        case 1: add(inTime, full)
        case 2: add(inTime, over)
        case 3: add(inTime, short)
        case 4: add(late, full)
        case 5: add(late, short)
        case 6: for (at, micro) in [(inTime, full), (inTime + 1_800, over)] { add(at, micro) }
        case 7: for (at, micro) in [(inTime, short), (inTime + 3 * 3_600, full)] { add(at, micro) }
        default: for (at, micro) in [(inTime, short), (inTime + 1_800, short / 2 + 1)] { add(at, micro) }
        }
        self.payments = payments
    }

    /// How many payments in full it has, as a merchant counts them.
    var fullPayments: Int {
        let full = payments.count { $0.micro >= Self.amount }
        return isReusable ? full : min(full, 1)
    }

    /// The link as the service describes it.
    func state(at now: Double) throws -> PayLink {
        let visible = payments.filter { $0.at <= now }
        let isExpired = expiresAt.map { $0 <= now } ?? false
        let status = visible.isEmpty || isReusable ? (isExpired ? 2 : 0) : 1
        let shown = visible.last.flatMap { now < $0.at + hiddenFor && $0.micro >= Self.amount ? nil : $0 }
        let payment =
            shown.map {
                """
                {"id":"\(PaymentID(high: 0x01a3_185c_ffff_7000, low: 0x8000_0000_0000_0000 | $0.number))",\
                "payLinkId":"\(id)","amount":\($0.micro),"relayerTransactionId":"r","transactionHash":null,\
                "paidByUserId":null,"createdTimestamp":\(Self.unix($0.at)),"updatedTimestamp":\(Self.unix($0.at))}
                """
            } ?? "null"
        let json = """
            {"id":"\(id)","status":\(status),"amount":\(Self.amount),"description":"Order \(number)",\
            "reuseable":\(isReusable),"payerDefinedAmount":false,"archived":\(archivedAt.map { $0 <= now } ?? false),\
            "ignoredByRequestedPayer":false,"paymentCount":\(visible.count),"deletable":true,\
            "expirationTimestamp":\(expiresAt.map { String(Self.unix($0)) } ?? "null"),"mostRecentPayment":\(payment),\
            "createdTimestamp":\(Self.unix(createdAt)),"updatedTimestamp":\(Self.unix(visible.last?.at ?? createdAt))}
            """
        return try Array(json.utf8).withUnsafeBytes {
            try PayLink(json: $0, page: CheckoutPage(baseURL: "https://1shotpay.com"))
        }
    }

    static func unix(_ time: Double) -> Int64 { unixStart + Int64(time.rounded(.down)) }
}

extension SplitMix {
    /// Evenly distributed.
    mutating func between(_ low: Double, _ high: Double) -> Double {
        low + (high - low) * Double(next() >> 11) / 9_007_199_254_740_992
    }

    mutating func chance(_ share: Double) -> Bool { between(0, 1) < share }
    mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }
}
