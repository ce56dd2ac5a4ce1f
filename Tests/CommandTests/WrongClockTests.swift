// A machine whose clock is wrong, seen from its commands: the sandbox's clock is ahead of it or behind it.

import Foundation
import TestSupport
import Testing

@Suite struct WrongClockTests {
    private static let offsets = [("20m", 1_200), ("-20m", -1_200)]

    /// Seconds between the sandbox's time now and a link's expiry.
    private func left(_ link: JSON?, _ sandbox: SandboxProcess) async throws -> Int {
        let now = try #require(try await sandbox.control("GET", "health")["time_ms"]?.integer) / 1000
        return try #require(link?["expirationTimestamp"]?.integer ?? link?["expires_at"]?.integer) - now
    }

    private func isWarned(_ errors: String, _ offset: Int) -> Bool {
        let parts = errors.components(separatedBy: "this machine's clock is ")
        // Once, and the right way round: a sandbox ahead of the machine is a machine that is behind.
        return parts.count == 2 && parts[1].contains(offset > 0 ? " behind the service's" : " ahead of the service's")
            && parts[1].contains("timedatectl")
    }

    @Test(arguments: offsets)
    func expiresInIsCountedByTheServicesClock(text: String, offset: Int) async throws {
        let sandbox = try await SandboxProcess.start(["--clock-offset=\(text)"])
        let outcome = try await sandbox.run([
            "create", "--amount", "5", "--description", "Mug", "--expires-in", "15m", "--json",
        ])
        #expect(outcome.status == 0 && isWarned(outcome.errors, offset), "\(outcome)")
        let link = try JSON(parsing: outcome.output)
        #expect(link["status"]?.string == "active")
        #expect((600...960).contains(try await left(link, sandbox)))
    }

    @Test(arguments: offsets)
    func aScriptIsWarnedOnceAndItsLinksLive(text: String, offset: Int) async throws {
        let sandbox = try await SandboxProcess.start(["--clock-offset=\(text)"])
        let outcome = try await sandbox.run([
            "run", "-e",
            """
            for n = 1, 3 do
              assert(paylink.create{ key = "k" .. n, amount = n, description = "Mug", expires_in = "15m" })
            end
            -- The same key and the same words are the same terms, whatever the clock says.
            print(paylink.create{ key = "k1", amount = 1, description = "Mug", expires_in = "900s" }.status)
            """,
        ])
        #expect(outcome.status == 0 && outcome.output == "active\n" && isWarned(outcome.errors, offset), "\(outcome)")
        let links = try await sandbox.links()
        #expect(links.count == 3)
        for link in links { #expect((600...960).contains(try await left(link, sandbox))) }
    }

    @Test(arguments: offsets)
    func aBatchCountsByTheServicesClockToo(text: String, offset: Int) async throws {
        let sandbox = try await SandboxProcess.start(["--clock-offset=\(text)"]), folder = try TemporaryFolder()
        try folder.write("rows.csv", "order,amount,expires_in\na,1,15m\nb,2,\n")
        let outcome = try await sandbox.run([
            "batch", folder.path + "/rows.csv", "--key", "order", "--description", "Order {order}",
        ])
        #expect(outcome.status == 0 && isWarned(outcome.errors, offset), "\(outcome)")
        let link = try await sandbox.links().first { $0["description"]?.string == "Order a" }
        #expect((600...960).contains(try await left(link, sandbox)))
    }

    /// `os.time() + 900` by a clock that is 20 minutes behind is past for the service: said before anything is made.
    @Test func aMomentThatIsPastForTheServiceIsRefused() async throws {
        let sandbox = try await SandboxProcess.start(["--clock-offset=20m", "--accept-past-expiry"])
        let outcome = try await sandbox.run([
            "run", "-e",
            """
            local link, err = paylink.create{ key = "k", amount = 1, description = "Mug", expires_at = os.time() + 900 }
            print(link, err.code, err.field, err.message:find("behind the service's", 1, true) ~= nil)
            """,
        ])
        #expect(outcome.output == "nil\tinvalid_request\texpires_at\ttrue\n", "\(outcome)")
        #expect(try await sandbox.links().isEmpty)
    }

    /// And one that is past only for a clock that is ahead is none of this machine's business.
    @Test func aMomentThatIsStillToComeForTheServiceIsTaken() async throws {
        let sandbox = try await SandboxProcess.start(["--clock-offset=-20m"])
        let outcome = try await sandbox.run([
            "run", "-e",
            #"print(assert(paylink.create{ amount = 1, description = "Mug", expires_at = os.time() - 600 }).status)"#,
        ])
        #expect(outcome.status == 0 && outcome.output == "active\n", "\(outcome)")
    }

    @Test func aLinkThatIsOverWhenItComesBackFailsAndIsRecorded() async throws {
        let sandbox = try await SandboxProcess.start(), folder = try TemporaryFolder()
        let ledger = ["PAYLINK_LEDGER": folder.path + "/ledger.db"]
        // What a service with no regard for the request's expiry might answer.
        let made = try await sandbox.created()
        let id = try #require(made["id"]?.string)
        try await sandbox.control("POST", "expire/\(id)")
        let over = try #require(try await sandbox.links().first { $0["id"]?.string == id })
        let body = JSON(["endpoint": "create", "action": "status", "status": 200, "body": over.text])
        try await sandbox.addFault(body.text)
        let create = ["create", "--key", "k", "--amount", "12.50", "--description", "Blue mug"]
        let outcome = try await sandbox.run(create, ledger)
        #expect(outcome.status == 78, "\(outcome)")
        for part in ["expired_on_arrival: ", id, "had expired when it came back"] {
            #expect(outcome.errors.contains(part), "\(part): \(outcome)")
        }
        let shown = try JSON(parsing: try await sandbox.run(["ledger", "show", "k", "--json"], ledger).output)
        #expect(shown.text.contains(id), "\(shown)")
        let script = try await sandbox.run([
            "run", "-e",
            #"""
            local link, err = paylink.create{ amount = "12.50", description = "Blue mug" }
            print(link, err.code, err.link.status, err.link.id, err.retryable)
            """#,
        ])
        #expect(script.output == "nil\texpired_on_arrival\texpired\t\(id)\tfalse\n", "\(script)")
        try folder.write("rows.csv", "order,amount\nBlue mug,12.50\n")
        let batch = try await sandbox.run([
            "batch", folder.path + "/rows.csv", "--key", "order", "--description", "{order}",
        ])
        #expect(batch.status == 78 && batch.errors.contains(id), "\(batch)")
    }

    @Test(arguments: offsets)
    func doctorSaysHowFarAndWhichWay(text: String, offset: Int) async throws {
        let sandbox = try await SandboxProcess.start(["--clock-offset=\(text)"])
        let plain = try await sandbox.run(["doctor"])
        #expect(plain.status == 0 && plain.errors == "" && isWarned(plain.output, offset), "\(plain)")
        let report = try JSON(parsing: try await sandbox.run(["doctor", "--json"]).output)
        let finding = try #require(report["findings"]?.list.first { $0["what"]?.string == "clock" })
        #expect(finding["result"]?.string == "warning")
        #expect(abs((finding["seconds_ahead"]?.integer ?? 0) + offset) < 60, "\(finding)")
    }

    @Test func doctorIsContentWithAClockThatAgrees() async throws {
        let sandbox = try await SandboxProcess.start()
        let report = try JSON(parsing: try await sandbox.run(["doctor", "--json"]).output)
        let finding = try #require(report["findings"]?.list.first { $0["what"]?.string == "clock" })
        #expect(finding["result"]?.string == "ok" && finding["seconds_ahead"] == nil)
    }
}
