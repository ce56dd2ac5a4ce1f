// What is told and, as often, what is not: whatever is not sure to fail.

import Testing

@testable import ScriptCheck

@Suite struct RuleTests {
    @Test(arguments: [
        // Names that somebody makes.
        "settings = { a = 1 } print(settings.a)", "function helper() return 1 end print(helper())",
        "_G.total = 5 print(total)", "rawset(_G, 'total', 5) print(rawget(_G, 'total'))",
        "local _ENV = { print = print } print(anything)", "print(_ENV.print)",
        // Code for several versions of Lua.
        "local unpack = table.unpack or unpack print(unpack{})", "if jit then jit.off() end",
        "local pow = math.pow or function(a, b) return a ^ b end print(pow(1, 2))",
        "if bit32 then print(bit32.band(1, 2)) end",
        "if string.trim then print(('x'):upper()) end",
        // What a script puts into modules and tables itself.
        "function string.trim(s) return s end print((' x '):trim(), string.trim('x'))",
        "paylink.again = paylink.create print(paylink.again)",
        "local link = assert(paylink.find('x')) link.note = 1 print(link.note)",
        "local paylink = { crate = print } paylink.crate()", "paylink = { crate = print } paylink.crate()",
        "local function f(paylink) return paylink.crate end print(f)",
        "local link = assert(paylink.find('x')) rawset(link, 'note', 1) print(link.note)",
        "local link = assert(paylink.find('x')) for k, v in pairs{ note = 1 } do link[k] = v end print(link.note)",
        // Values that are not sure.
        "local o = { amount = 5, description = 'x', extra = 1 } o.extra = nil assert(paylink.create(o))",
        "local o = {} o.amount = 5 o.description = 'x' assert(paylink.create(o))",
        "local function make(amount) return paylink.create{ amount = amount, description = 'x' } end print(make)",
        "assert(paylink.create{ amount = '12.50', description = 'x', media_url = nil, [arg[1]] = 1 })",
        "local t = setmetatable({}, { __call = print }) t()", "local t = {} for k in t do print(k) end",
        "print(paylink.wait(...))", "print(task.spawn(...))",
        "assert(paylink.create{ amount = 12.5, description = 'x' })",
        "local link link = assert(paylink.find('x')) link = assert(link:refresh()) print(link.url, link:qr())",
        "local x = 5 x = paylink.find('x') print(x.nothing)", "print(#'x' .. 'y', '10' + 1, -'2', 'a' < 'b', 1 < 2.5)",
        "print(1 == '1', nil == false)", "print(('x'):rep(3), ('%d'):format(1))",
        "for link, err in paylink.wait_each({}) do print(link and link.url or err.code) end",
        "for row, err in assert(csv.rows('a.csv')) do print(row.order, row:line(), err) end",
        "local file = assert(io.open('x')) for line in file:lines() do print(line) end file:close()",
        "local out <close> = assert(csv.writer('x.csv', { 'a' })) assert(out:write{ a = 1 })",
        "sleep(0.5) sleep('1h30m') sleep('10ms') print(task.timeout(2, print, 'x'))",
        "for link in paylink.links{ created_since = 1700000000, paid_since = '7d' } do print(link.id) end",
        "local h = task.spawn(print) print(h:join()) h:cancel()", "print(secret('A'), json.null, math.pi, run.slot)",
        "paylink.on('paid', function(link, token) print(link.url, token:upper()) end)",
        "local reply = http.get('https://x.example') if reply then print(reply.status, reply:json(), reply.headers['a']) end",
        "print(os.date('*t').year, os.time{ year = 2025, month = 1, day = 1 }, io.stdout, io.type(1))",
        "mail.send{ subject = 'x', to = { 'a@b' }, attachments = { 'x', { path = 'y', name = 'z' } } }",
        "local _, b = f2() function f2() return 1, 2 end print(b)", "local _unused, __also = 1, 2",
        "assert.same({}, {}) assert(1)", "for i, v in ipairs{} do end", "for i = '1', '3' do print(i) end",
        "local function f(a, b) end f()",
        "while true do sleep(1) end",
        "local a, b = next({}) print(b)", "log.info('x', { key = 1 })", "assert(1, 'x') print(select('#', 1))",
        "print(require('paylink').create, require('lib').anything)", "if arg[1] then return end print('on')",
        "error{ code = 1 }", "return error('x')", "local ok, err = pcall(error, 'x') print(ok, err)",
        "local t = { f = 1, g = 2, [1] = 3, [1] = 4 } print(t)",
        "if arg[1] then goto done end print(1) ::done:: print(2)",
        "while true do if arg[1] then break end end print('on')",
        "repeat local x = f3() until x function f3() return 1 end",
    ])
    func tellsNothingOf(_ text: String) {
        #expect(CheckedScripts.codes(text) == [])
    }

    @Test(arguments: [
        ("pcall(function() return bench end)", ["1:25 undeclared_name?"]),
        ("local function try() paylink.crate() end print(pcall(try))", ["1:30 unknown_member?"]),
        ("for _, try in ipairs{ function() paylink.crate() end } do print(pcall(try)) end", ["1:42 unknown_member?"]),
        ("local function safe(f) return pcall(f) end safe(function() paylink.crate() end)", ["1:68 unknown_member?"]),
        ("task.spawn(function() paylink.crate() end)", ["1:31 unknown_member"]),
        ("load('x = 1')() print(x)", ["1:23 undeclared_name?"]),
        ("for k, v in pairs(_G) do print(k, v, oops) end", ["1:38 undeclared_name?"]),
        ("extend(string) function extend(t) t.f = 1 end print(string.f, ('x'):g())", []),
        ("goto done do print(1) end ::done:: print(2)", ["1:11 unreachable_code?"]),
        ("local x = 5 return", ["1:7 unused_variable?"]), ("local function f() f() end", []),
        ("local x x = 5", ["1:7 unused_variable?"]), ("do return end print(1)", ["1:15 unreachable_code?"]),
        ("if arg[1] then return else error('x') end print(1)", ["1:43 unreachable_code?"]),
        ("while true do end print(1)", ["1:19 unreachable_code?"]), ("os.exit(1) print(1)", ["1:12 unreachable_code?"]),
        ("::a::", ["1:3 unused_label?"]), ("print{ a = 1, a = 2 }", ["1:15 repeated_key?"]),
        ("paylink.find('a', 'b')", ["1:19 extra_argument?"]), ("print(paylink.find())", ["1:19 missing_argument"]),
        ("paylink:create{ amount = 5, description = 'x' }", ["1:9 dot_or_colon"]),
        ("print(string:format('%d', 1))", ["1:14 dot_or_colon"]), ("('x'):spilt(',')", ["1:7 unknown_field"]),
        ("local trim = string.trim print(trim('x'))", ["1:32 unknown_member"]),
        ("paylink.create('12.50', 'Tea')", ["1:16 wrong_type"]), ("paylink.create()", ["1:15 missing_argument"]),
        ("paylink.create{ '12.50', amount = 5, description = 'x' }", ["1:17 unknown_option?"]),
        ("local o = { amout = 5 } assert(paylink.create(o))", ["1:13 unknown_option"]),
        ("json.decode(5)", ["1:13 wrong_type"]), ("log.info({})", ["1:10 wrong_type"]),
        (
            "print(nil .. 'x', 1 < 'x', #5, 'xyz' + 1)",
            ["1:11 bad_operand", "1:21 bad_operand", "1:28 bad_operand", "1:38 bad_operand"]
        ),
        ("local t for k in t do print(k) end", ["1:18 bad_loop"]),
        ("for i = 1, 10, 0 do print(i) end", ["1:16 bad_loop"]),
        ("for i = 'x', 2 do print(i) end", ["1:9 bad_loop"]), ("for k in pairs do print(k) end", ["1:10 bad_loop?"]),
        ("local m M = 1 m.x = 1 print(M)", ["1:16 bad_index"]), ("('x')()", ["1:6 bad_call"]),
        ("paylink()", ["1:8 bad_call"]),
        ("paylink.usd('1').amount = 1 print(paylink.usd('1').value)", ["1:52 unknown_field"]),
        ("http.get('https://x.example', { retries = 11 })", ["1:43 wrong_value"]),
        ("csv.rows('x', { delimiter = ':' })", ["1:29 wrong_value"]),
        ("mail.send{ subject = 'x', attachments = { { pth = 'y' } } }", ["1:45 unknown_option"]),
        ("for link in paylink.links{ paid_since = 'yesterday' } do print(link) end", ["1:41 malformed_duration"]),
        ("print(run.slott, task.sleep, io.lnies)", ["1:11 unknown_member", "1:33 unknown_member"]),
    ])
    func tells(_ text: String, _ expected: [String]) {
        #expect(CheckedScripts.codes(text) == expected, "\(CheckedScripts.check(text))")
    }

    @Test func suggestsWhatIsNear() {
        let messages = CheckedScripts.check(
            "paylink.crate{} print(lnik) local link = arg print(link, paylink.usd('1'), prnt) assert(paylink.create{ amout = 1 })"
        ).map(\.message)
        #expect(
            messages == [
                "paylink.crate does not exist (did you mean 'create'?)", "undeclared variable 'lnik'",
                "undeclared variable 'prnt' (did you mean 'print'?)",
                "paylink.create: option 'amount' is missing", "paylink.create: option 'description' is missing",
                "paylink.create: unknown option 'amout' (did you mean 'amount'?)",
            ])
    }
}
