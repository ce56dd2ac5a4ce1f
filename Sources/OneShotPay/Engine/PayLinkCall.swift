// The handle of a call under way.

/// A call under way. Belongs to its engine's event loop.
package class PayLinkCall {
    init() {}

    /// Ends the call: its callback runs with code `cancelled`, unless it has already run. Closes the connection of a
    /// request under way.
    package func cancel() {}
}
