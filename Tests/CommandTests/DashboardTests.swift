// `paylink dashboard` over HTTP: who may look, what the pages show, and what may be decided there.

import Foundation
import TestSupport
import Testing

@Suite struct DashboardTests {
    // MARK: Who may look

    @Test func onlyWhoeverHasTheAddressMayLook() async throws {
        let shop = try await DashboardShop.open()
        _ = try await shop.link("order-1001")
        let dashboard = try await shop.dashboard()
        #expect(dashboard.token.count == 32)
        #expect(try await dashboard.get("links").body.contains("order-1001"))
        var wrong = Array(dashboard.token)
        wrong[31] = wrong[31] == "0" ? "1" : "0"
        for path in [
            "/", "/links", "/\(String(wrong))/links", "/\(dashboard.token.dropLast())/", "//", "/\(dashboard.token)",
        ] {
            let reply = try await HTTPCall.send("GET", path, port: dashboard.port)
            #expect(reply.status == 404, "\(path)")
            #expect(!reply.body.contains("order-1001") && !reply.body.contains(dashboard.token), "\(path)")
        }
        #expect(try await dashboard.get("nothing").status == 404)
        for path in ["links/0", "links/999", "jobs/7"] {
            #expect(try await dashboard.get(path).status == 404, "\(path)")
        }
        #expect(try await dashboard.get("act").status == 405)
        #expect(try await dashboard.post("links", "").status == 405)
        let second = try await shop.dashboard()
        #expect(second.token != dashboard.token)
    }

    @Test(arguments: ["rebound.example", "paylink.localhost.example:80", "127.0.0.1.example", ""])
    func aForeignHostIsAnsweredNothing(_ host: String) async throws {
        let shop = try await DashboardShop.open()
        _ = try await shop.link("order-1001")
        let dashboard = try await shop.dashboard()
        for path in ["", "links", "events", "live.js"] {
            let reply = try await dashboard.get(path, host: host)
            #expect(reply.status == 421 || reply.status == 400, "\(path): \(reply)")
            #expect(!reply.body.contains("order-1001"))
        }
        #expect(try await dashboard.get("links", host: "localhost:\(dashboard.port)").status == 200)
    }

    @Test func aForeignPageCanNeitherReadNorSteerIt() async throws {
        let shop = try await DashboardShop.open()
        _ = try await shop.link("order-1001")
        let dashboard = try await shop.dashboard(["--allow-actions"])
        let reply = try await dashboard.get(headers: ["Origin: https://elsewhere.example"])
        #expect(reply["Access-Control-Allow-Origin"] == nil)
        #expect(reply["Cross-Origin-Resource-Policy"] == "same-origin" && reply["X-Frame-Options"] == "DENY")
        #expect(reply["Referrer-Policy"] == "same-origin" && reply["Cache-Control"] == "no-store")
        let policy = try #require(reply["Content-Security-Policy"])
        #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
        #expect(!policy.contains("unsafe") && !policy.contains("*"))
        for path in ["", "links", "doubt", "jobs", "times", "links/1"] {
            let body = try await dashboard.get(path).body
            #expect(!body.contains("style=\"") && !body.contains("<script>") && !body.contains(" onclick"), "\(path)")
            #expect(!body.contains("http://") || !body.contains("src=\"http"), "\(path)")
        }
        let form = "action=retry&subject=1&confirmed=yes"
        for headers in [
            ["Origin: https://elsewhere.example"], ["Origin: null"], ["Origin: http://127.0.0.1:1"],
            ["Sec-Fetch-Site: cross-site"], ["Sec-Fetch-Site: same-site"],
        ] {
            #expect(try await dashboard.post("act", form, headers: headers).status == 403, "\(headers)")
        }
        #expect(
            try await dashboard.post("act", form, headers: ["Origin: http://127.0.0.1:\(dashboard.port)"]).status == 303
        )
    }

    // MARK: What is shown

    @Test func todayShowsWhatWasAskedAndReceived() async throws {
        let shop = try await DashboardShop.open()
        let ids = [
            try await shop.link("order-1", "1234.50"), try await shop.link("order-2", "20.00"),
            try await shop.link("order-3", "7.00"),
        ]
        let dashboard = try await shop.dashboard()
        try await dashboard.until("") {
            $0.contains("$1,261<small>.50</small>") && $0.contains("No payment has been seen")
        }
        try await shop.pay(ids[0])
        try await shop.pay(ids[1], "5.00")
        // The list and the sums are read apart.
        let page = try await dashboard.until("") {
            $0.contains("$1,239<small>.50</small>") && $0.contains("Received $5.00 for order-2.")
        }
        #expect(page.contains("<b>$1,234.50</b>") && page.contains("$15.00 lacking"))
        #expect(page.contains("data-say=\"Received $5.00 for order-2.\""))
        #expect(page.contains("Refunds are not known to it"))
        let spanish = try await dashboard.get(headers: ["Accept-Language: fr, es-MX;q=0.8, en;q=0.2"]).body
        #expect(spanish.contains("<html lang=\"es\">") && spanish.contains("1239<small>,50\u{A0}US$</small>"))
        #expect(try await dashboard.get(headers: ["Accept-Language: tr"]).body.contains("15,00 eksik"))
        let month = try await dashboard.until("times") { $0.contains("From link to payment") }
        #expect(month.contains("<tr><th scope=\"row\">total</th>"))
    }

    @Test func linksAreSearchedFilteredAndTurned() async throws {
        let shop = try await DashboardShop.open()
        let script = try shop.folder.write(
            "many.lua",
            """
            for i = 1, 120 do
              assert(paylink.create{ amount = "3.00", description = "Saucer", key = ("cup-%03d"):format(i) })
            end
            """)
        #expect(try await shop.run(["run", script]).status == 0)
        let id = try await shop.link("mug-1", "45.10", "Größe M, blau")
        try await shop.pay(id)
        let dashboard = try await shop.dashboard()
        func rows(_ query: String) async throws -> [String] {
            let body = try await dashboard.get("links" + query).body
            return body.matches(of: #/<th scope="row"><a [^>]*><bdi>([^<]*)</bdi>/#).map { String($0.1) }
        }
        let first = try await rows("")
        #expect(first.count == 50 && first.first == "mug-1" && first.last == "cup-072")
        var seen = first
        var body = try await dashboard.get("links").body
        while let next = body.firstMatch(of: #/rel="next" href="[^"]*links(\?[^"]*)"/#) {
            body = try await dashboard.get("links" + next.1.replacing("&amp;", with: "&")).body
            seen += body.matches(of: #/<th scope="row"><a [^>]*><bdi>([^<]*)</bdi>/#).map { String($0.1) }
        }
        #expect(seen == ["mug-1"] + (1...120).reversed().map { String(format: "cup-%03d", $0) })
        #expect(try await rows("?q=cup-01") == (10...19).reversed().map { "cup-0\($0)" })
        for text in ["mug", "45.10", "%2445.10", "45%2C10", "gr%C3%B6%C3%9Fe", "GR%C3%B6%C3%9FE+m", id, "MUG-1"] {
            #expect(try await rows("?q=\(text)") == ["mug-1"], "\(text)")
        }
        #expect(try await rows("?state=paid") == ["mug-1"])
        #expect(try await rows("?state=active").count == 50)
        for query in ["state=expired", "state=paid&q=cup", "q=%25", "q=nobody"] {
            #expect(try await rows("?" + query) == [])
        }
        #expect(try await dashboard.get("links?q=nobody").body.contains("Nothing found."))
    }

    /// Keys, descriptions and names are anybody's text.
    @Test(arguments: [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'--><b>", "\u{202E}evil\u{2066}",
        "שלום עולם", String(repeating: "W", count: 400), "a&amp;b &lt;",
    ])
    func hostileTextIsShownAndDoesNothing(_ text: String) async throws {
        let shop = try await DashboardShop.open()
        let id = try await shop.link("evil-<script>alert(1)</script>&\"", "12.50", text)
        try await shop.pay(id)
        let dashboard = try await shop.dashboard()
        try await dashboard.until("") { $0.contains("$12.50") }
        let found = text.utf8.map { String(format: "%%%02X", $0) }.joined()
        for path in ["", "links", "links/1", "links?q=\(found)"] {
            let body = try await dashboard.get(path).body
            #expect(body.contains("$12.50"), "\(path)")
            #expect(
                !body.contains("<script>alert") && !body.contains("<img") && !body.contains("<b>'")
                    && !body.contains("'--><b>"), "\(path)")
            // What was searched for stands in the field as it was typed.
            #expect(
                path.contains("?")
                    || !body.unicodeScalars.contains("\u{202E}") && !body.unicodeScalars.contains("\u{2066}"), "\(path)"
            )
        }
    }

    @Test func jobsAndBatchesAreShownWithTheirSlotsAndLogs() async throws {
        let shop = try await DashboardShop.open()
        let good = try shop.folder.write("good.lua", "print('all is well') paylink.once('k', function() return 1 end)")
        let bad = try shop.folder.write("bad.lua", "print('<b>half</b>') error('no database')")
        _ = try await shop.run(["run", "--job", "daily", good])
        _ = try await shop.run(["run", "--job", "nightly", bad])
        try shop.folder.write("orders.csv", "key,amount,description\nb-1,5.00,Cup\n")
        #expect(try await shop.run(["batch", "orders.csv"]).status == 0)
        let crontab = try shop.folder.write("crontab", "#!/bin/sh\ncat \(shop.folder.path)/crontab.txt\n")
        chmod(crontab, 0o700)
        try shop.folder.write("crontab.txt", "")
        var environment = shop.environment
        environment["PAYLINK_CRONTAB"] = crontab
        let dashboard = try await DashboardProcess.start(environment)
        let page = try await dashboard.get("jobs").body
        #expect(page.contains("class=\"mark ran\"") && page.contains("class=\"mark failed\""))
        #expect(page.contains("batch orders.csv") || page.contains("<bdi>batch"))
        let run = try #require(page.firstMatch(of: #/mark failed" href="[^"]*jobs\/(\d+)"/#)).1
        let log = try await dashboard.get("jobs/\(run)").body
        #expect(log.contains("no database") && log.contains("&lt;b&gt;half&lt;/b&gt;"))
    }

    @Test func aLinkTellsWhatFollowed() async throws {
        let shop = try await DashboardShop.open()
        try await shop.pay(try await shop.link("order-1"))
        _ = try await shop.link("order-2")
        let script = try shop.folder.write(
            "follow.lua",
            "paylink.on('paid', function() end) paylink.on('paid', function() error('no stock') end, { name = 'stock' })"
        )
        _ = try await shop.run(["watch", "--once", "--since", "1h", "--name", "shop", script])
        _ = try await shop.run(["run", "-e", "paylink.once('order-1', function() return 1 end)"])
        let dashboard = try await shop.dashboard()
        let story = try await dashboard.get("links/1").body
        for text in [
            "<bdi>watch:shop:paid:", "<bdi>watch:shop:stock:", "no stock",
            "<bdi>order-1</bdi></span> <span class=\"state done\">",
        ] {
            #expect(story.contains(text), "\(text): \(story)")
        }
        let other = try await dashboard.get("links/2").body
        #expect(!other.contains("What followed"))
    }

    // MARK: What changes

    @Test func eventsTellOfAChangeAndThePageShowsIt() async throws {
        let shop = try await DashboardShop.open()
        let id = try await shop.link("order-1001")
        let dashboard = try await shop.dashboard()
        try await dashboard.until("") { $0.contains("1 link") }
        let stream = try LoopbackSocket.connected(to: dashboard.port)
        defer { close(stream) }
        try LoopbackSocket.write(
            Array("GET /\(dashboard.token)/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".utf8), to: stream)
        async let told = Self.read(stream, until: "event: change")
        try await Task.sleep(for: .milliseconds(300))
        try await shop.pay(id)
        #expect(try await told.contains("text/event-stream"))
    }

    private static func read(_ socket: Int32, until text: String) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                var limit = timeval(tv_sec: 20, tv_usec: 0)
                setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
                var received: [UInt8] = []
                var block = [UInt8](repeating: 0, count: 4096)
                while !String(decoding: received, as: UTF8.self).contains(text) {
                    let count = recv(socket, &block, block.count, 0)
                    guard count > 0 else {
                        return continuation.resume(
                            throwing: ChildProcessFailure(
                                description: "no event came: \(String(decoding: received, as: UTF8.self))"))
                    }
                    received += block[..<count]
                }
                continuation.resume(returning: String(decoding: received, as: UTF8.self))
            }
        }
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func aSignalEndsItAndItsViewers(_ signal: Int32) async throws {
        let shop = try await DashboardShop.open()
        _ = try await shop.link("order-1001")
        let dashboard = try await shop.dashboard()
        let stream = try LoopbackSocket.connected(to: dashboard.port)
        defer { close(stream) }
        try LoopbackSocket.write(
            Array("GET /\(dashboard.token)/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".utf8), to: stream)
        _ = try await Self.read(stream, until: "retry: 1000")
        dashboard.process.send(signal)
        let outcome = try await dashboard.process.finish()
        #expect(outcome.status == 0, "\(outcome)")
    }

    // MARK: What is wrong

    @Test func whatCannotBeServedIsTold() async throws {
        let shop = try await DashboardShop.open()
        let nothing = try await shop.run(["dashboard", "--no-open"])
        #expect(nothing.status != 0 && nothing.errors.contains("ledger"), "\(nothing)")
        _ = try await shop.link("order-1001")
        let dashboard = try await shop.dashboard()
        let taken = try await shop.run(["dashboard", "--no-open", "--port", "\(dashboard.port)"])
        #expect(taken.status == 74 && taken.errors.contains("take another --port"), "\(taken)")
        let zone = try await shop.run(["dashboard", "--no-open", "--zone", "Mars/Olympus"])
        #expect(zone.status == 64 && zone.errors.contains("Mars/Olympus"), "\(zone)")
        #expect(try await shop.run(["dashboard", "--port", "70000"]).status == 64)
    }
}
