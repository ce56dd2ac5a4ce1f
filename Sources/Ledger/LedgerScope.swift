// Whose links a ledger's rows are: one account at one address of the service. Nothing crosses scopes.

/// An account at a service's base address. A sandbox, the live service and two merchants never share a key.
package struct LedgerScope: Hashable, Sendable {
    /// The merchant's user id.
    package var account: String
    /// The service's base address, without a slash at its end: `https://1shotpay.com`.
    package var baseURL: String

    package init(account: String, baseURL: String) {
        self.account = account
        self.baseURL = baseURL
    }
}
