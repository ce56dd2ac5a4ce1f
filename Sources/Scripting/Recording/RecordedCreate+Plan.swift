// A create of a dry run: what is recorded is given, what would be made is counted and pretended.

import Ledger
import OneShotPay

extension RecordedCreate {
    /// What is recorded is given as it is; what would be made is counted, and pretended to.
    func plan() {
        guard let key = order.key, let keyBytes else { return planNew() }
        if let planned = links.plannedTerms[keyBytes] {
            guard isSame(planned) else { return end(.failure(.otherTerms(key, recorded: planned, asked: terms))) }
            return end(.success(pretended))
        }
        links.find(key) { [self] result in
            switch result {
            case .failure(let error): end(.failure(LinkFailure(error)))
            case .success(nil): planNew()
            case .success(let record?): plan(key, record)
            }
        }
    }

    private func plan(_ key: String, _ record: LinkRecord) {
        let isFree = record.state == .rejected || record.state == .prepared && record.possibleOrphans == 0
        guard isFree || isSame(record.terms) else {
            return end(.failure(.otherTerms(key, recorded: record.terms, asked: terms)))
        }
        switch record.state {
        case .done: if let link = record.link { end(.success(link)) } else { planNew() }
        case .abandoned: end(.failure(.abandoned(key)))
        case .sent, .inDoubt:
            if order.request.payer != nil || record.isMade {
                end(.failure(.inDoubt(record)))
            } else {
                planNew()
            }
        case .prepared, .rejected: planNew()
        }
    }

    private func planNew() {
        do throws(LinkFailure) { try links.limits.take(order.request.amount) } catch { return end(.failure(error)) }
        if links.planned.count < 5 { links.planned.append(order) }
        if let keyBytes { links.plannedTerms[keyBytes] = terms }
        end(.success(pretended))
    }

    private var pretended: PayLink {
        PayLink(planned: order.readyRequest(idempotencyKey: nil), page: links.engine.defaultPage)
    }
}
