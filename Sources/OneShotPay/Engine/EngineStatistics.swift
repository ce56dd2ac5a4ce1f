// What an engine has done so far, in numbers.

/// Counts since the client was made.
public struct OneShotPayStatistics: Sendable, Hashable {
    /// HTTP requests sent, token requests and retries included.
    public internal(set) var requests = 0
    /// Requests that were sent again.
    public internal(set) var retries = 0
    /// Create attempts that may each have made a link that nobody knows of.
    public internal(set) var possibleOrphans = 0
    /// Requests for an access token.
    public internal(set) var tokenRequests = 0

    public init() {}
}
