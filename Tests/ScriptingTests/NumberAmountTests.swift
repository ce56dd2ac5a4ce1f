// Floats as amounts of dollars: what is taken exactly, and the true reason where a float is not.

import LuaRuntime
import Testing

@testable import Scripting

@Suite struct NumberAmountTests {
    @Test(arguments: [
        ("0.1", "0.10"), ("12.5", "12.50"), ("-12.5", "-12.50"), ("-0.0", "0.00"), ("0.0", "0.00"), ("5.0", "5.00"),
        ("1e-6", "0.000001"), ("4294967295.999999", "4294967295.999999"), ("-4294967295.5", "-4294967295.50"),
        ("5000000000", "5000000000.00"), ("9223372036854", "9223372036854.00"),
        ("-9223372036854", "-9223372036854.00"),
    ])
    func anExactNumberIsThatAmount(_ number: String, _ amount: String) async throws {
        let run = try await ScriptHarness.run(
            "local a = tostring(paylink.usd(\(number))) assert(a == '\(amount)', a)")
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    static let reasons = [
        ("0.1 + 0.2", "0.30000000000000004 is not exact to 6 decimals"), ("1/3", "not exact to 6 decimals"),
        ("1e-7", "not exact to 6 decimals"), ("-1e-7", "not exact to 6 decimals"),
        ("5e-324", "not exact to 6 decimals"),
        ("5e9", "float of 4294967296 or more"), ("-5e9", "float of 4294967296 or more"),
        ("2.0^32", "float of 4294967296 or more"), ("5000000000.5", "as a string"), ("9e12", "or as an integer"),
        ("2.0^53", "too large"), ("2.0^53 + 2", "too large"), ("-(2.0^53)", "too large"), ("1e300", "too large"),
        ("9.3e12", "too large; the most that can be held is 9223372036854.775807 USD"),
        ("math.huge", "infinite number"),
        ("-math.huge", "infinite number"), ("0/0", "not-a-number"), ("-(0/0)", "not-a-number"),
        ("math.maxinteger", "too large"), ("math.mininteger", "too large"), ("1 << 53", "too large"),
    ]

    /// By each way that an amount comes in: the reason is the same.
    @Test(arguments: reasons) func theReasonIsTheTrueOne(_ number: String, _ reason: String) async throws {
        let run = try await ScriptHarness.run(
            """
            local function said(...)
              local ok, problem = pcall(...)
              assert(not ok and tostring(problem):find("\(reason)", 1, true), tostring(problem))
            end
            said(paylink.usd, \(number))
            said(function() return paylink.usd(1) + (\(number)) end)
            """)
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }
}
