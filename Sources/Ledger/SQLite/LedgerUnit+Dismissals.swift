// Dismissals of possible orphans in the table. What they decide is in DismissalRules.

extension LedgerUnit {
    mutating func dismiss(_ row: LinkRow, by: String) throws -> Bool {
        guard let scope = try knownScope() else { return false }
        let find = try connection.prepare(
            "SELECT state, run_id, is_held, possible_orphans, key IS NOT NULL FROM links WHERE id = ? AND scope_id = ?")
        find.bind(row).bind(scope)
        defer { find.end() }
        guard try find.step() else { return false }
        let standing = LinkStanding(
            state: try find.value(0), holder: liveness.holder(find.int64(1), isHeld: find.bool(2)),
            possibleOrphans: find.int(3))
        guard let change = DismissalRules.decide(on: standing, hasKey: find.bool(4)) else { return false }
        let run = try ownRun()
        try connection.prepared(.changeLink).bind(row).bind(change.state.rawValue).bind(0).bind(now).run()
        try connection.prepare(
            """
            INSERT INTO dismissals (link_row, orphans, dismissed_by, dismissed_at, run_id) VALUES (?, ?, ?, ?, ?)
            """
        ).bind(row).bind(change.orphans).bind(by).bind(now).bind(run).run()
        return true
    }
}

extension SQLiteLedger {
    package func dismissals(of row: LinkRow) throws(LedgerError) -> [Dismissal] {
        try read { connection in
            let read = try connection.prepare(
                "SELECT orphans, dismissed_by, dismissed_at FROM dismissals WHERE link_row = ? ORDER BY id")
            read.bind(row)
            defer { read.end() }
            var found: [Dismissal] = []
            while try read.step() {
                found.append(Dismissal(orphans: read.int(0), by: read.text(1), at: read.int64(2)))
            }
            return found
        }
    }
}
