// How long a script's own process may hold the turn: a pure value over the times that it is told.

/// The child keeps its limits itself; one that does not is ended this much later.
struct ChildPatience {
    static let grace = Duration.seconds(2)

    private let stretch: Duration?
    private let total: Duration?
    /// Since when it has not waited.
    private var stretchBegan: ContinuousClock.Instant?
    private var turnBegan: ContinuousClock.Instant?
    /// The time of all turns before this one.
    private var held = Duration.zero

    init(_ limits: LuaLimits) {
        stretch = limits.stretch
        total = limits.total
    }

    mutating func rest() { stretchBegan = nil }

    mutating func begin(_ now: ContinuousClock.Instant) {
        turnBegan = now
        if stretchBegan == nil { stretchBegan = now }
    }

    mutating func end(_ now: ContinuousClock.Instant) {
        if let turnBegan { held += turnBegan.duration(to: now) }
        turnBegan = nil
    }

    /// The limit that it has passed by more than the grace. `asked`: when it was told to end, and why.
    func overdue(
        _ now: ContinuousClock.Instant, asked: (reason: LuaStop, at: ContinuousClock.Instant)?
    ) -> LuaStop? {
        guard let turnBegan else { return nil }
        if let asked, max(asked.at, turnBegan).duration(to: now) > Self.grace { return asked.reason }
        if let stretch, let stretchBegan, stretchBegan.duration(to: now) > stretch + Self.grace { return .stretch }
        if let total, held + turnBegan.duration(to: now) > total + Self.grace { return .total }
        return nil
    }
}
