// What stands for a call of recorded links while it is under way.

package import OneShotPay

/// A wait that has to ask the ledger before it begins.
final class WaitSlot {
    var call: PayLinkCall?
    var isCancelled = false
}

/// A call under way.
package struct RecordedCall {
    /// Ends the call: its callback runs with code `cancelled`, unless it has already run.
    package let cancel: () -> Void

    package init(_ cancel: @escaping () -> Void) { self.cancel = cancel }

    package init(_ call: PayLinkCall) { cancel = { call.cancel() } }
}
