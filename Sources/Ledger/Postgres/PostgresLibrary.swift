// libpq, once it is loaded.

import CPostgres

/// The functions of libpq. Loading it takes some milliseconds, which only a ledger on a server costs.
struct PostgresLibrary: @unchecked Sendable {
    // Safe because: the table is written once, before anybody has it, and its functions may be called from any thread.
    let functions: UnsafePointer<cpg_library>

    /// - Throws: ``PostgresFailure`` (`unusable`) where the library is not installed.
    static func load() throws(PostgresFailure) -> PostgresLibrary {
        var problem: UnsafePointer<CChar>?
        if let functions = cpg_load(&problem) { return PostgresLibrary(functions: functions) }
        let why = problem.map { String(cString: $0) } ?? ""
        throw PostgresFailure(
            kind: .unusable,
            message: "PostgreSQL's client library cannot be loaded (\(why)); install libpq5 (apt-get install libpq5)")
    }

    var pq: cpg_library { functions.pointee }
}
