// Who is making which link in this run: one entry a key, so that two tasks that ask for the same make it once.

import OneShotPay

/// Creations under way, and links that could not be recorded yet.
struct CreationRegister {
    private enum Entry {
        /// Under way; whoever asks for the same key meanwhile gets the same end.
        case making(CreationCall, followers: [CreationCall])
        /// Made, and not recorded yet. The next create of the key records it; it sends nothing.
        case unrecorded(UnrecordedLink)
    }

    /// What a creation has before it.
    enum Turn {
        /// It makes the link, or records one that is made already.
        case own(left: UnrecordedLink?)
        /// It waits for another one.
        case follows
        case otherTerms(recorded: String)
    }

    private var entries: [[UInt8]: Entry] = [:]
    /// The same without a key: nobody can ask for them again, so they are recorded at the end.
    private var unrecordedWithoutKey: [UnrecordedLink] = []

    /// Links that are not in the ledger although they exist.
    var unrecorded: [UnrecordedLink] {
        unrecordedWithoutKey
            + entries.values.compactMap { entry in
                if case .unrecorded(let link) = entry { link } else { nil }
            }
    }

    /// Enters a creation under its key; terms are compared as the ledger does, byte by byte.
    mutating func enter(_ call: CreationCall) -> Turn {
        guard let key = call.keyBytes else { return .own(left: nil) }
        switch entries[key] {
        case .making(let leader, let followers):
            guard call.hasTerms(leader.terms) else { return .otherTerms(recorded: leader.terms) }
            entries[key] = .making(leader, followers: followers + [call])
            return .follows
        case .unrecorded(let left):
            guard call.hasTerms(left.terms) else { return .otherTerms(recorded: left.terms) }
            entries[key] = .making(call, followers: [])
            return .own(left: left)
        case nil:
            entries[key] = .making(call, followers: [])
            return .own(left: nil)
        }
    }

    /// One that waits for another gives up.
    mutating func forget(follower: CreationCall) {
        guard let key = follower.keyBytes, case .making(let leader, let followers) = entries[key] else { return }
        entries[key] = .making(leader, followers: followers.filter { $0 !== follower })
    }

    /// A creation has ended.
    /// - Returns: those that waited for it.
    mutating func leave(_ call: CreationCall, unrecorded: UnrecordedLink?) -> [CreationCall] {
        guard let key = call.keyBytes else {
            if let unrecorded { unrecordedWithoutKey.append(unrecorded) }
            return []
        }
        guard case .making(let leader, let followers) = entries[key], leader === call else { return [] }
        entries[key] = unrecorded.map { .unrecorded($0) }
        return followers
    }
}
