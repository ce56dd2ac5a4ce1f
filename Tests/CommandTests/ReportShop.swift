// What tests of `paylink report` work with: a ledger that paylink has made, filled by Python.

import Foundation
import TestSupport
import Testing

/// A ledger that paylink has made, with one account at the service's own address.
struct ReportShop {
    static let account = "018f5a3c-0000-7000-8000-00000000a11c"

    let folder = try! TemporaryFolder()  // Safe because: a test without a folder is to fail.

    var environment: [String: String] {
        [
            "PAYLINK_LEDGER": folder.path + "/ledger.db", "ONESHOT_USER_ID": Self.account,
            "ONESHOT_API_TOKEN": "unused",
        ]
    }

    static func open() async throws -> ReportShop {
        let shop = ReportShop()
        let made = try await shop.run(["run", "-e", "paylink.once('made', function() return true end)"])
        #expect(made.status == 0, "\(made)")
        return shop
    }

    func run(_ arguments: [String], _ more: [String: String] = [:]) async throws -> Outcome {
        try await PaylinkProcess.start(
            arguments, environment: environment.merging(more) { $1 }, directory: folder.path, limit: .seconds(300)
        ).finish()
    }

    func python(_ arguments: [String]) async throws -> Outcome {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/report_month.py").path
        return try await ChildProcess(
            "/usr/bin/python3", [file] + arguments, environment: ["PATH": "/usr/bin:/bin"], directory: folder.path,
            limit: .seconds(300)
        ).finish()
    }

    /// Links of which each has one name, made and paid on the first of November.
    func insert(names: [String]) async throws {
        let file = try folder.write("names.json", JSON(names).text)
        let code = """
            import json, sqlite3, sys, uuid
            names = json.load(open(sys.argv[2]))
            c = sqlite3.connect(sys.argv[1])
            for n, name in enumerate(names):
                i = str(uuid.UUID(int=n + 1)); at = 1793520000
                p = {"id": str(uuid.UUID(int=n + 1000)), "payLinkId": i, "amount": 5000000, "createdTimestamp": at}
                l = {"id": i, "status": 1, "amount": 5000000, "description": name, "paymentCount": 1, "mostRecentPayment": p,
                     "createdTimestamp": at}
                c.execute("INSERT INTO links (scope_id, key, state, run_id, is_held, attempts, possible_orphans, amount_micro, "
                    "created_at, updated_at, link_id, status, url, locale, close_on_complete, description, terms, link) "
                    "VALUES (1, ?, 'done', 1, 0, 1, 0, 5000000, ?, ?, ?, 'paid', 'u', 'en', 0, ?, '{}', ?)",
                    (name, at, at, i, name, json.dumps(l)))
                c.execute("INSERT INTO payments (scope_id, link_id, payment_id, received_micro, made_at, seen_at, payment) "
                    "VALUES (1, ?, ?, 5000000, ?, ?, ?)", (i, p["id"], at, at, json.dumps(p)))
            c.commit()
            """
        let outcome = try await ChildProcess("/usr/bin/python3", ["-c", code, folder.path + "/ledger.db", file])
            .finish()
        #expect(outcome.status == 0, "\(outcome)")
    }
}
