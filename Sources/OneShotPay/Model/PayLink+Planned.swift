// A link that a dry run pretends to have made: it has the terms that were asked for and an id that no service gives.

extension PayLink {
    /// The link that `request` would make. Without a known id it has one of zeros: no request may be made with it.
    package init(planned request: CreatePayLink, id: PayLinkID = .planned, page: CheckoutPage) {
        var page = page
        if let locale = request.locale { page.locale = locale }
        page.closeOnComplete = request.closeOnComplete
        self.init(
            Fields(
                id: id, status: .active, amount: request.amount, description: request.description,
                mediaURL: request.mediaURL, expiresAt: request.expiresAt, reusable: request.reusable,
                payerDefinedAmount: false, payer: request.payer, archived: false, ignoredByPayer: false,
                paymentCount: 0,
                deletable: false, page: page))
    }
}

extension PayLinkID {
    /// The id of links that a dry run only planned.
    package static let planned = PayLinkID(high: 0, low: 0)
}
