// What happens to one link at the service, drawn at random: payments short, in full, over, late and double, several of
// a reusable link, an expiry, an end by hand. Times are seconds since the simulation began.

import Chance
import OneShotPay

struct MoneyHistory {
    struct Payment {
        let number: UInt64
        /// When the service shows it.
        let at: Double
        let micro: Int64

        var id: PaymentID { PaymentID(high: 0x01a3_185c_ffff_7000, low: 0x8000_0000_0000_0000 | number) }
        var isFull: Bool { micro >= MoneyHistory.amount }
    }

    static let amount: Int64 = 12_500_000
    /// Unix seconds at which a simulation begins.
    static let unixStart: Int64 = 1_800_000_000

    let number: Int
    let isReusable: Bool
    let createdAt: Double
    let expiresAt: Double?
    let archivedAt: Double?
    /// In the order of time.
    let payments: [Payment]
    /// For so long a payment in full counts and is not shown.
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
        func add(_ at: Double, _ micro: Int64) {
            payments.append(Payment(number: UInt64(number * 10 + payments.count), at: at, micro: micro))
        }
        let full = Self.amount, over = full + Int64(random.between(1, 9_000_000)),
            short = Int64(random.between(1, 12_499_999))
        let inTime = createdAt + random.between(0, end - createdAt)
        // Seconds behind the end, or hours.
        let late = end + (random.chance(0.5) ? random.between(0, 20) : random.between(20, 23 * 3_600))
        guard !isReusable else {
            // Short and full mixed; within one look, from one look to the next, and hours apart. Nobody looks for more
            // than a day after the end.
            var at = random.chance(0.8) ? inTime : late
            for _ in 0..<random.below(10) {
                let one: Int64 = random.chance(0.4) ? short : random.chance(0.7) ? full : over
                add(min(at, end + 23 * 3_600), one)
                switch random.below(3) {
                case 0: at += random.between(0, 3)
                case 1: at += random.between(3, 180)
                default: at += random.between(600, 4 * 3_600)
                }
            }
            self.payments = payments
            return
        }
        // Apart by more than a link goes unseen: what nobody could see is no matter of this test.
        switch random.below(9) {
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

    /// What stands behind the link's id in the keys of the follow-ups that are due, one for each. Of a reusable link
    /// that is each payment that anybody saw: the service shows only the newest.
    func marks(full: Bool, seen: Set<PaymentID>) -> Set<String> {
        if isReusable { return Set(payments.filter { $0.isFull == full && seen.contains($0.id) }.map { ":\($0.id)" }) }
        let isDue = full ? payments.contains(where: \.isFull) : payments.first.map { !$0.isFull } ?? false
        return isDue ? [""] : []
    }

    /// The link as the service describes it.
    func state(at now: Double) throws -> PayLink {
        let visible = payments.filter { $0.at <= now }
        let isExpired = expiresAt.map { $0 <= now } ?? false
        let status = visible.isEmpty || isReusable ? (isExpired ? 2 : 0) : 1
        func isShown(_ payment: Payment) -> Bool { now >= payment.at + hiddenFor || !payment.isFull }
        // Of a reusable link the one before it is shown meanwhile.
        let shown = isReusable ? visible.last(where: isShown) : visible.last.flatMap { isShown($0) ? $0 : nil }
        let payment =
            shown.map {
                """
                {"id":"\($0.id)","payLinkId":"\(id)","amount":\($0.micro),"relayerTransactionId":"r",\
                "transactionHash":null,"paidByUserId":null,"createdTimestamp":\(Self.unix($0.at)),\
                "updatedTimestamp":\(Self.unix($0.at))}
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
