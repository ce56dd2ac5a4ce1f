// Dismissals of possible orphans in a book. What they decide is in DismissalRules.

extension MemoryBook.Content {
    mutating func dismiss(_ row: LinkRow, by: String, _ writer: inout MemoryWriter) -> Bool {
        guard row > 0, row <= links.count else { return false }
        let place = Int(row) - 1
        let record = links[place].record
        guard record.scope == writer.scope,
            let change = DismissalRules.decide(on: standing(place, writer), hasKey: record.key != nil)
        else { return false }
        _ = ownRun(&writer)
        release(place, change.state, possibleOrphans: 0, problem: record.problem, writer)
        dismissals[row, default: []].append(Dismissal(orphans: change.orphans, by: by, at: writer.now))
        return true
    }
}
