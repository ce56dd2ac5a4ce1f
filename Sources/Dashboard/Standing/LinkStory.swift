// All that the ledger has of one link, each part by an index.

import Ledger
import OneShotPay

struct LinkStory: Sendable {
    var record: LinkRecord
    var payments: [SeenPayment] = []
    /// Of the link's key, and of every watch that has followed it.
    var effects: [EffectRecord] = []
    var dismissals: [Dismissal] = []

    init?(row: LinkRow, in store: any LedgerStore) throws(LedgerError) {
        guard let record = try store.links(rows: [row]).first else { return nil }
        self.record = record
        dismissals = try store.dismissals(of: row)
        if let key = record.key, let effect = try store.effect(key: key) { effects.append(effect) }
        guard let id = record.link?.id else { return }
        payments = try store.payments(of: id)
        effects += try Self.followUps(of: id, in: store)
    }

    /// More watches than anybody has.
    private static let mostWatches = 200
    private static let mostOfOne = 100

    /// A watch's effects are called `watch:NAME:FOLLOW-UP:LINK`, with a payment behind it where the link is reusable. Which names
    /// there are is found by going from one to the next.
    private static func followUps(of id: PayLinkID, in store: any LedgerStore) throws(LedgerError) -> [EffectRecord] {
        var found: [EffectRecord] = [], from = "watch:"
        for _ in 0..<mostWatches {
            guard let next = try store.effects(from: from, before: "watch;", limit: 1).first else { break }
            let parts = next.key.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
            let name = parts.prefix(3).joined(separator: ":")
            if parts.count == 4 {
                let own = "\(name):\(id)"
                found += try store.effects(from: own, before: own + ";", limit: mostOfOne)
            }
            // What comes behind a colon.
            from = name + ";"
        }
        return found
    }
}
