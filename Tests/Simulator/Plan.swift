// What one seed decides: what is to be made and paid, by which processes, and what goes wrong meanwhile.

import Chance
import OneShotPay
import Recorder

struct Plan {
    /// Something to make a link for. Its description is its own, so that the service's links are known by it.
    struct Order {
        let number: Int
        var key: String?
        var amount: Money
        var payer: UserID?
        var expiry: LinkOrder.Expiry?
        var isReusable = false

        var description: String { "Order \(number)" }

        var terms: LinkOrder {
            var request = CreatePayLink(amount: amount, description: description)
            request.payer = payer
            request.reusable = isReusable
            return LinkOrder(request, key: key, expiry: expiry)
        }
    }

    enum Work {
        /// Makes links, as a batch does: so many at once, again and again until each is made or refused for good.
        case making(orders: [Int], width: Int)
        /// A script: makes, waits, does something once.
        case script(orders: [Int])
        /// `paylink watch`.
        case watching
    }

    struct Process {
        let number: Int
        var work: Work
        /// Seconds since the beginning.
        var startsAt: Double
        /// Links that each of its runs may make.
        var maximumLinks: Int?
        /// How far its clock is ahead.
        var clockAhead: Double
        /// Requests a second.
        var pollingRate: Double
    }

    /// What the customer does with a link.
    struct Payment {
        /// Seconds since its creation, or since its end when `isLate`.
        var after: Double
        var isLate: Bool
        /// Millionths of the amount.
        var share: Double
    }

    static let unixStart: Int64 = 1_800_000_000
    static let payer = UserID("123e4567-e89b-42d3-a456-426614174000")

    let seed: UInt64
    var orders: [Order] = []
    var processes: [Process] = []
    var troubles: [Trouble] = []
    /// How long things go wrong, in seconds; afterwards all must come right.
    let length: Double
    let tokenLifetime: Double
    let usesSQLite: Bool
    /// Whether the ledger is as one on a server: a run that lives may be taken for dead.
    let usesServer: Bool
    /// Between two looks of a watch at the ledger.
    let pace: Double
    /// How long a follow-up takes at most.
    let effort: Double

    init(seed: UInt64) {
        var random = SplitMix(seed: seed, target: "plan", index: 0)
        self.seed = seed
        length = random.oneIn(40) ? 3_600 : random.pick([20, 60, 240])
        tokenLifetime = random.pick([20, 90, 600, 3_600])
        usesSQLite = random.oneIn(25)
        // Drawn apart: what the others decide stays what it was.
        var server = SplitMix(seed: seed, target: "server", index: 0)
        usesServer = !usesSQLite && server.oneIn(3)
        pace = random.pick([2, 10])
        effort = random.spread(0.01, 20)
        let count = 1 + random.below(random.chance(0.2) ? 12 : 5)
        orders = (1...count).map { Self.order($0, length, &random) }
        processes = Self.processes(for: orders, length, &random)
        let troubleCount = random.below(10)
        for number in 0..<troubleCount {
            troubles.append(.drawn(number, processes: processes.count, length: length, &random))
        }
        guard usesServer else { return }
        troubles += Trouble.ofServer(after: troubleCount, processes: processes.count, length: length, &server)
    }

    private static func order(_ number: Int, _ length: Double, _ random: inout SplitMix) -> Order {
        var order = Order(number: number, amount: Money(microUSDC: Int64(random.between(1, 50_000_000))))
        if !random.oneIn(6) { order.key = "order-\(number)" }
        if random.oneIn(5) { order.payer = payer }
        order.isReusable = random.oneIn(6)
        switch random.below(5) {
        case 0: order.expiry = .at(unixStart + Int64(random.between(1, length + 300)))
        case 1: break
        default: order.expiry = .after(.seconds(Int64(random.spread(5, 600))))
        }
        return order
    }

    private static func processes(
        for orders: [Order], _ length: Double, _ random: inout SplitMix
    ) -> [Process] {
        var works: [Work] = []
        // Two that want the same is what the ledger is for.
        for _ in 0..<(1 + random.below(3)) {
            let some = orders.indices.filter { _ in random.chance(0.7) }
            works.append(
                random.chance(0.5)
                    ? .making(orders: some.isEmpty ? [0] : some, width: 1 + random.below(4))
                    : .script(orders: some.isEmpty ? [0] : some))
        }
        works.append(.watching)
        if random.oneIn(4) { works.append(.watching) }
        return works.enumerated().map { number, work in
            var process = Process(
                number: number, work: work, startsAt: random.chance(0.5) ? 0 : random.between(0, length / 4),
                clockAhead: random.chance(0.6) ? 0 : random.between(-1, 1) * random.spread(1, 3_600),
                pollingRate: random.pick([0.5, 2, 10]))
            if case .making = work, random.oneIn(5) { process.maximumLinks = 1 + random.below(3) }
            return process
        }
    }

    /// What becomes of the n-th link that the service makes.
    func payments(ofLink number: Int, isReusable: Bool) -> [Payment] {
        var random = SplitMix(seed: seed, target: "payment", index: UInt64(number))
        let isLate = random.oneIn(4)
        let after = isLate ? random.spread(0.5, random.oneIn(10) ? 7_200 : 300) : random.spread(0.5, 240)
        let share = random.pick([1, 1, 1, 1, 0.5, 0.999_999, 1.5])
        switch random.below(5) {
        case 0: return []
        case 1...3 where isReusable:
            // Close together, so that looks miss some, or apart; short and full mixed.
            var payments = [Payment(after: after, isLate: isLate, share: share)]
            for _ in 0..<(1 + random.below(4)) {
                let pause = random.spread(0.05, 300)
                payments.append(
                    Payment(
                        after: (payments.last?.after ?? after) + pause, isLate: isLate,
                        share: random.pick([1, 1, 0.5, 1.5])))
            }
            return payments
        default: return [Payment(after: after, isLate: isLate, share: share)]
        }
    }
}
