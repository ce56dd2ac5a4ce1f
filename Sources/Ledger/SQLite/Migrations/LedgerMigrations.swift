// Every migration there is, in order. One that was released never changes: a new one follows it.

import GRDB

enum LedgerMigrations {
    static let all: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        register0001ScopesAndRuns(in: &migrator)
        register0002Links(in: &migrator)
        register0003Effects(in: &migrator)
        register0004Following(in: &migrator)
        register0005Jobs(in: &migrator)
        register0006ShortPayments(in: &migrator)
        register0007LatePayments(in: &migrator)
        register0008Payments(in: &migrator)
        register0009Dismissals(in: &migrator)
        register0010PaidLate(in: &migrator)
        register0011Marks(in: &migrator)
        return migrator
    }()
}
