# Faults put into the product on purpose, each of which the simulator must find: a name, a file, text that stands there
# once, and what takes its place. scripts/simulate-mutations applies them, one at a time, to a copy.

MUTATIONS = [
    (
        "a link is answered before it is recorded",
        "Sources/Recorder/Creation/CreationStateMachine.swift",
        "            return record(row, .done(link, possibleOrphans: orphansBefore + link.possibleOrphans), .success(link))",
        "            return answer(.success(link))",
    ),
    (
        "a request leaves before `sent` is committed",
        "Sources/Recorder/Creation/CreationStateMachine.swift",
        "        state = .committing(row)\n        return .commit(row, possibleOrphans: orphansBefore + orphans)",
        "        state = .sending(row)\n        return .send",
    ),
    (
        "a link that could not be recorded is answered all the same",
        "Sources/Recorder/Creation/CreationStateMachine.swift",
        "            return .answer(Answer(result: .failure(.unrecorded(link, order, error, words)), unrecorded: left))",
        "            return .answer(Answer(result: .success(link), unrecorded: left))",
    ),
    (
        "a reply that broke off is forgotten",
        "Sources/OneShotPay/Retry/CallStateMachine.swift",
        "        possibleOrphans += 1\n        guard resendsInDoubt else { return fail(.inDoubt(known: nil)) }",
        "        guard resendsInDoubt else { return fail(.inDoubt(known: nil)) }",
    ),
    (
        "a request that a killed run had sent is not counted",
        "Sources/Ledger/Rules/ClaimRules.swift",
        "decideInDoubt(possibleOrphans: link.possibleOrphans + 1, resends: resendsInDoubt)",
        "decideInDoubt(possibleOrphans: link.possibleOrphans, resends: resendsInDoubt)",
    ),
    (
        "a link for a named payer is sent again when in doubt",
        "Sources/OneShotPay/Engine/CreateCall.swift",
        "resendsInDoubt: policy.resendsCreatesInDoubt && terms.payer == nil,",
        "resendsInDoubt: policy.resendsCreatesInDoubt,",
    ),
    (
        "a short payment counts as a full one",
        "Sources/OneShotPay/Model/PayLink+Settlement.swift",
        "if payerDefinedAmount || payment.amount >= amount { return .full }",
        "if payerDefinedAmount || payment.amount <= amount { return .full }",
    ),
    (
        "two runs make the link of one key at the same time",
        "Sources/Ledger/Rules/ClaimRules.swift",
        "        case .sent:\n            if case .run(let run) = link.holder { return .busy(run: run) }",
        "        case .sent:",
    ),
    (
        "a recorded link is made again",
        "Sources/Ledger/Rules/ClaimRules.swift",
        "        case .done: return .recorded\n",
        "        case .done: return .grant(possibleOrphans: link.possibleOrphans)\n",
    ),
    (
        "an effect that broke off is run again without being asked",
        "Sources/Ledger/Rules/EffectRules.swift",
        "            case .atMost: return .inDoubt",
        "            case .atMost: return .run",
    ),
    (
        "a link that expired is not looked at for a late payment",
        "Sources/Recorder/FollowUps/LateLooks.swift",
        "        guard grace > 0 else { return nil }",
        "        guard grace < 0 else { return nil }",
    ),
    (
        "polls take no heed of their budget",
        "Sources/OneShotPay/Polling/PollingBudget.swift",
        "        if tokens >= 1 {\n            tokens -= 1\n            return nil",
        "        if tokens >= 0 {\n            return nil",
    ),
    (
        "the cap of a run is never reached",
        "Sources/Recorder/Creation/CreationLimits.swift",
        "        links += 1\n",
        "        links += 0\n",
    ),
    (
        "a failure of the service is taken for nothing sent",
        "Sources/OneShotPay/Retry/FailureClassifier.swift",
        "                ? Verdict(\n                    disposition: .inDoubt(salvaged: nil, floor: retryAfter),\n"
        "                    reason: \"the service failed, perhaps after making the link\")",
        "                ? Verdict(disposition: .retry(floor: retryAfter), reason: \"the service failed\")",
    ),
]
