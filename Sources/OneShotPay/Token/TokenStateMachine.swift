// Who gets which token, and when one is fetched: never two fetches at a time. A pure value; TokenSource does the I/O.

import NIOCore

/// Keeps one access token for many callers.
struct TokenStateMachine<Waiter: AnyObject> {
    /// What a caller gets, and whether a fetch has to be started.
    struct Answer {
        /// The token to use; `nil` means that the caller waits.
        var token: AccessToken?
        var startsFetch: Bool
    }

    private enum State {
        case empty
        case valid(AccessToken)
        /// `current` may be used while its successor is fetched, unless a caller found it refused.
        case fetching(current: AccessToken?)
    }

    private var state = State.empty
    private(set) var waiters: [Waiter] = []
    /// After a failed background refresh, the next is not tried before this.
    private var noRefreshBefore = NIODeadline.uptimeNanoseconds(0)

    /// A caller wants a token.
    /// - Parameter refused: the generation that the service just refused to this caller.
    mutating func get(_ waiter: Waiter, refused: Int?, now: NIODeadline) -> Answer {
        switch state {
        case .valid(let token):
            // Someone else may have replaced the refused token meanwhile: then the new one is tried first.
            if token.generation == refused || now >= token.expiresAt {
                state = .fetching(current: nil)
                waiters.append(waiter)
                return Answer(token: nil, startsFetch: true)
            }
            if now >= token.refreshAt, now >= noRefreshBefore {
                state = .fetching(current: token)
                return Answer(token: token, startsFetch: true)
            }
            return Answer(token: token, startsFetch: false)
        case .fetching(let current?) where current.generation != refused && now < current.expiresAt:
            return Answer(token: current, startsFetch: false)
        case .fetching:
            if refused != nil { state = .fetching(current: nil) }
            waiters.append(waiter)
            return Answer(token: nil, startsFetch: false)
        case .empty:
            state = .fetching(current: nil)
            waiters.append(waiter)
            return Answer(token: nil, startsFetch: true)
        }
    }

    /// Whether ``get(_:refused:now:)`` would give a token at once.
    func isReady(now: NIODeadline) -> Bool {
        switch state {
        case .valid(let token): now < token.expiresAt
        case .fetching(let current?): now < current.expiresAt
        default: false
        }
    }

    /// A fetch brought `token`. Returns who waits for it: even one that is already stale serves them once.
    mutating func fetched(_ token: AccessToken) -> [Waiter] {
        state = .valid(token)
        noRefreshBefore = .uptimeNanoseconds(0)
        return takeWaiters()
    }

    /// A fetch failed for good. Returns who waits for it; a token that is still good stays.
    mutating func fetchFailed(now: NIODeadline) -> [Waiter] {
        if case .fetching(let current?) = state, now < current.expiresAt {
            state = .valid(current)
            noRefreshBefore = now + .seconds(5)
        } else {
            state = .empty
        }
        return takeWaiters()
    }

    /// Takes out those who would not wait for another attempt at the fetch under way.
    mutating func giveUp(where isImpatient: (Waiter) -> Bool) -> [Waiter] {
        let leaving = waiters.filter(isImpatient)
        waiters.removeAll(where: isImpatient)
        return leaving
    }

    /// A caller lost interest.
    mutating func remove(_ waiter: Waiter) {
        waiters.removeAll { $0 === waiter }
    }

    private mutating func takeWaiters() -> [Waiter] {
        let taken = waiters
        waiters = []
        return taken
    }
}
