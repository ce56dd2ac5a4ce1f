// What a claim would be answered, told from a record that was read: nothing is claimed by asking.

extension LinkRecord {
    /// The answer to a claim of this row's key; decided by ``ClaimRules``, as the claim itself is.
    /// - Parameters:
    ///   - terms: ``LinkClaim/terms``.
    ///   - resendsInDoubt: ``LinkClaim/resendsInDoubt``.
    package func answer(toClaimOf terms: String, resendsInDoubt: Bool) -> LinkClaimAnswer {
        let holder: RowHolder = !isHeld ? .nobody : isRunAlive ? .run(run) : .interrupted
        let standing = LinkStanding(
            state: state, holder: holder, hasSameTerms: self.terms.utf8.elementsEqual(terms.utf8),
            possibleOrphans: possibleOrphans, hasKnownLink: isMade)
        switch ClaimRules.decide(standing, resendsInDoubt: resendsInDoubt) {
        case .grant(let orphans): return .granted(row, possibleOrphans: orphans)
        case .recorded: return .recorded(self)
        case .busy(let run): return .busy(run: run)
        case .otherTerms: return .otherTerms(self)
        case .abandoned: return .abandoned(self)
        case .halt(let orphans):
            var halted = self
            halted.state = .inDoubt
            halted.possibleOrphans = orphans
            return .inDoubt(halted)
        }
    }
}
