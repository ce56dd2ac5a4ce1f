// Who is making which link in this run: one entry a key, so that two tasks that ask for the same make it once.

import OneShotPay

/// Creations under way, and links that could not be recorded yet.
struct CreationRegister {
    private enum Entry {
        /// Under way; whoever asks for the same key meanwhile gets the same end.
        case making(CreationCall, followers: [CreationCall])
        /// Made, and not recorded yet. The next create of the key records it; it sends nothing. Until then it is among
        /// the ends that are kept (`UnrecordedEnds`), by this number.
        case unrecorded(UnrecordedLink, end: Int)
    }

    /// What a creation has before it.
    enum Turn {
        /// It makes the link, or records one that is made already.
        case own(left: UnrecordedLink?, end: Int?)
        /// It waits for another one.
        case follows
        case otherTerms(recorded: String)
    }

    private var entries: [[UInt8]: Entry] = [:]

    /// Enters a creation under its key; terms are compared as the ledger does, byte by byte.
    mutating func enter(_ call: CreationCall) -> Turn {
        guard let key = call.keyBytes else { return .own(left: nil, end: nil) }
        switch entries[key] {
        case .making(let leader, let followers):
            guard call.hasTerms(leader.terms) else { return .otherTerms(recorded: leader.terms) }
            entries[key] = .making(leader, followers: followers + [call])
            return .follows
        case .unrecorded(let left, let end):
            guard call.hasTerms(left.terms) else { return .otherTerms(recorded: left.terms) }
            entries[key] = .making(call, followers: [])
            return .own(left: left, end: end)
        case nil:
            entries[key] = .making(call, followers: [])
            return .own(left: nil, end: nil)
        }
    }

    /// One that waits for another gives up.
    mutating func forget(follower: CreationCall) {
        guard let key = follower.keyBytes, case .making(let leader, let followers) = entries[key] else { return }
        entries[key] = .making(leader, followers: followers.filter { $0 !== follower })
    }

    /// A creation has ended.
    /// - Parameter end: the number of its link among the ends that are kept, when it is not recorded.
    /// - Returns: those that waited for it.
    mutating func leave(_ call: CreationCall, unrecorded: UnrecordedLink?, end: Int?) -> [CreationCall] {
        guard let key = call.keyBytes else { return [] }
        guard case .making(let leader, let followers) = entries[key], leader === call else { return [] }
        if let unrecorded, let end { entries[key] = .unrecorded(unrecorded, end: end) } else { entries[key] = nil }
        return followers
    }

    /// The ledger has taken it after all.
    mutating func forgetUnrecorded(_ key: [UInt8]) {
        if case .unrecorded = entries[key] { entries[key] = nil }
    }
}
