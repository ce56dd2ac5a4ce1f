// What others are told of a commit: that it is worth a look, and whose payment it was.

package import OneShotPay

/// What some run has recorded that others may wait for. A hint: whoever hears of it looks, and whoever does not looks anyway,
/// only later.
package struct LedgerNews: Sendable, Hashable {
    /// More than these are not named.
    static let mostLinks = 100

    /// Links that have changed at the service.
    package private(set) var changed: Set<PayLinkID> = []

    package init(changed: Set<PayLinkID> = []) { self.changed = changed }

    /// `nil`: nothing that anybody waits for.
    init?(_ operations: [LedgerOperation], _ answers: [LedgerAnswer]) {
        var isNews = false
        for (operation, answer) in zip(operations, answers) where answer == .changed(true) {
            switch operation {
            case .observe(let link):
                changed.insert(link.id)
                isNews = true
            case .finish(_, .done), .resolve, .resolveEffect: isNews = true
            default: break
            }
        }
        guard isNews else { return nil }
    }

    mutating func add(_ other: LedgerNews) { changed.formUnion(other.changed) }

    /// As one word for the server; the links only where there are few.
    var text: String {
        changed.count > Self.mostLinks ? "" : changed.map(\.description).sorted().joined(separator: ",")
    }

    init(text: Substring) { changed = Set(text.split(separator: ",").compactMap { PayLinkID(String($0)) }) }
}
