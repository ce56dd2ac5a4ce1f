// What a merchant must be told of a link because the service does not show it: never a smaller sum without a word.

package import Console
package import OneShotPay

package enum LinkWarning {
    /// What is not shown of a link's payments; `nil` when all of them are known.
    package static func text(for link: PayLink) -> String? {
        if link.settlement == .unseen {
            return
                "paid by the service's word alone: it shows no payment, so neither its amount nor who made it is known"
        }
        let unseen = link.unseenPayments
        guard unseen > 0 else { return nil }
        let what =
            unseen == 1 ? "1 payment of \(link.paymentCount) was" : "\(unseen) payments of \(link.paymentCount) were"
        return "\(what) never seen here: the service shows only the newest; look into the account for what came"
    }

    /// The same for a log.
    package static func message(for link: PayLink) -> LogMessage? {
        guard let text = text(for: link) else { return nil }
        var fields = [(name: "link", value: link.id.description)]
        if let key = link.key { fields.insert((name: "key", value: key), at: 0) }
        return LogMessage(level: .warn, text: "link \(link.id): \(text)", fields: fields)
    }
}
