// What commands show on a terminal and nowhere else: headings, the line of a wait, money in the line of a watch.

import Foundation
import TestSupport
import Testing

@Suite struct TerminalOutputTests {
    private func start(_ shop: DashboardShop, _ arguments: [String]) throws -> TerminalProcess {
        try TerminalProcess(
            PaylinkProcess.located.get(), arguments, environment: shop.environment.merging(["NO_COLOR": "1"]) { $1 },
            directory: shop.folder.path)
    }

    @Test func aWaitShowsThatItGoesOnAndForHowLong() async throws {
        let shop = try await DashboardShop.open()
        let id = try await shop.link("order-1", "12.50", "Blue mug")
        let process = try start(shop, ["wait", id, "--timeout", "90s"])
        try await process.shows("waiting for 12.50 USD · Blue mug · gives up in 1:2")
        try await shop.sandbox.pay(id)
        try await process.shows("status       paid")
        #expect(try await process.finish() == 0)
        #expect(process.text.components(separatedBy: "status       paid")[1].contains("waiting") == false)
        // Into a file goes nothing of it.
        let plain = try await shop.run(["wait", id])
        #expect(plain.errors == "" && plain.status == 0, "\(plain)")
    }

    @Test func aWaitWithoutALimitTellsHowLongTheLinkCanBePaid() async throws {
        let shop = try await DashboardShop.open()
        let id = try await shop.link("order-1")
        let process = try start(shop, ["wait", id])
        try await process.shows("can be paid for ")
        process.type("\u{3}")
        #expect(try await process.finish() == 130)
    }

    @Test func tablesHaveHeadingsAndFit() async throws {
        let shop = try await DashboardShop.open()
        _ = try await shop.link("order-1")
        let script = try shop.folder.write("job.lua", "print('x')")
        _ = try await shop.run(["run", "--job", "a-job-with-a-name-that-is-too-long-for-its-column", script])
        let list = try start(shop, ["ledger", "list"])
        try await list.shows("key                   status            amount  made (UTC)")
        try await list.shows("order-1")
        #expect(try await list.finish() == 0)
        let runs = try start(shop, ["runs"])
        try await runs.shows("run    job                 outcome      slot")
        try await runs.shows("a-job-with-a-name")
        #expect(try await runs.finish() == 0)
        for arguments in [["ledger", "list"], ["runs"]] {
            let outcome = try await shop.run(arguments)
            #expect(outcome.lines.count == 1 && outcome.lines.allSatisfy { $0.count <= 80 }, "\(outcome)")
        }
    }

    @Test func aWatchTellsWhatCameToday() async throws {
        let shop = try await DashboardShop.open()
        try await shop.pay(try await shop.link("order-1", "12.50"))
        try await shop.pay(try await shop.link("order-2", "1.25"))
        let script = try shop.folder.write("follow.lua", "paylink.on('paid', function() end)")
        let process = try start(shop, ["watch", script])
        try await process.shows("13.75 USD received today")
        process.type("\u{3}")
        #expect(try await process.finish() == 130)
    }
}
