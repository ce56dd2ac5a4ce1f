// What the host keeps for a script counts as the script's memory, and what a script makes the host say is bounded.

import Console
import LuaRuntime
import TestSupport
import Testing

@testable import Scripting

@Suite struct HostMemoryTests {
    private static let limits = LuaLimits(memory: 12 << 20, stretch: .seconds(20))

    @Test(arguments: [
        "for i = 1, 1e6 do task.spawn(sleep, '1h') end",
        "local all = {} for i = 1, 1e6 do all[i] = task.spawn(function() end) end",
        "local id, ids = '123e4567-e89b-12d3-a456-426614174000', {} for i = 1, 20000 do ids[i] = id end paylink.wait_each(ids)",
    ])
    func whatTheHostKeepsEndsInAnErrorOfTheScript(script: String) async throws {
        let run = try await ScriptHarness.run(
            "local ok, err = pcall(function() \(script) end) assert(not ok and tostring(err):find('not enough memory'), err) os.exit(7)",
            limits: Self.limits)
        #expect(run.result == .finished(status: 7), "\(run.result)")
    }

    @Test func tablesCountAsWell() async throws {
        let folder = try TemporaryFolder()
        try folder.write("t.csv", "a\n1\n2\n")
        let script = """
            local held = {}
            local ok, err = pcall(function() for i = 1, 64 do held[i] = assert(csv.rows('DIR/t.csv')) end end)
            assert(not ok and err:find("csv.rows: not enough memory", 1, true), err)
            held = nil
            for i = 1, 500 do for row in csv.rows('DIR/t.csv') do end end
            """
        let run = try await ScriptHarness.run(script, in: folder) { $0.options.limits = LuaLimits(memory: 4 << 20) }
        #expect(run.result == .finished(status: 0))
    }

    /// Nothing is counted twice, and everything is given back.
    @Test func whatHasEndedIsGivenBack() async throws {
        let script = """
            for round = 1, 60 do
              task.map({}, {}, print)
              local list = {}
              for i = 1, 1000 do list[i] = function() sleep(0) return i end end
              task.all(list)
              pcall(task.all, { function() error(("x"):rep(100000)) end, function() sleep("1h") end })
            end
            """
        #expect(try await ScriptHarness.run(script, limits: Self.limits).result == .finished(status: 0))
    }

    @Test func textsOfFailuresAreCut() async throws {
        let most = 64 << 10
        let run = try await ScriptHarness.run("error(('€'):rep(1000000))")
        let failure = try #require(run.failure)
        #expect(failure.message.utf8.count <= most && failure.message.utf8.count > most - 4)
        #expect(failure.message.hasSuffix("€"))
        let noted = try await ScriptHarness.run("json.decode(('['):rep(5)) paylink.find(('k'):rep(2000000)) error('x')")
        #expect((noted.failure?.ignoredFailure?.utf8.count ?? 0) <= most)
    }

    @Test func messagesAreCut() async throws {
        let script = """
            log.info(("m"):rep(20 << 20), { field = ("f"):rep(20 << 20), other = { ("o"):rep(1 << 20) } })
            local many = {} for i = 1, 100000 do many["name" .. i] = i end
            log.info("many", many)
            """
        let run = try await ScriptHarness.run(script)
        #expect(run.result == .finished(status: 0))
        for message in run.messages {
            let fields = message.fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
            #expect(message.text.utf8.count <= 65 << 10 && fields <= 66 << 10)
        }
        #expect(run.messages.count == 2)
    }

    @Test(arguments: [
        "'http://shop.example/' .. ('x'):rep(60 << 20)",
        "'http://shop.example/?a=b', { query = { q = ('x'):rep(1 << 20) } }",
        "'http://shop.example/', { headers = { ['X-A'] = ('x'):rep(1 << 20) } }",
        "'http://shop.example/', { headers = { [('x'):rep(1 << 20)] = 'a' } }",
        "'http://shop.example/', { auth = { user = ('x'):rep(1 << 20), password = 'p' } }",
        "'http://shop.example/', { auth = { bearer = ('x'):rep(1 << 20) } }",
        "'http://shop.example/', { sign = { secret = ('x'):rep(1 << 20), id = 'a' } }",
    ])
    func addressesAreBounded(arguments: String) async throws {
        let run = try await ScriptHarness.run(
            "local reply, err = http.get(\(arguments)) assert(not reply and err.code == 'invalid_request' and err.message:find('longer than 64 KB'), err)"
        )
        #expect(run.result == .finished(status: 0))
    }

    @Test(arguments: ["to", "subject", "from", "reply_to", "server", "token", "password", "cc", "bcc"])
    func whatIsNoContentOfAMailIsBounded(option: String) async throws {
        let run = try await ScriptHarness.run(
            """
            local mail_options = { from = "a@shop.example", to = "b@shop.example", subject = "s", text = "t", server = "sendmail" }
            mail_options.\(option) = ("x"):rep(2 << 20)
            local sent, err = mail.send(mail_options)
            assert(not sent and err.code == "invalid_mail" and err.message:find("longer than 1024 KB"), err)
            """)
        #expect(run.result == .finished(status: 0))
    }
}
