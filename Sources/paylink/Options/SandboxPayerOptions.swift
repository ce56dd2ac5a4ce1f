// What every command with a sandbox can ask of it: how its automatic payer pays, and faults from the start.

import ArgumentParser
import Console
import OneShotPay
import Recorder
import Sandbox
import Scripting

struct SandboxPayerOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The sandbox's payer pays this in place of each link's own amount.", valueName: "usd"))
    var payAmount: AmountArgument?

    @Option(
        help: ArgumentHelp(
            "The sandbox's payer pays so long after each link's expiry, and not before.", valueName: "duration"))
    var payLate: DurationArgument?

    @Option(help: ArgumentHelp("The sandbox's payer pays a reusable link so many times at once.", valueName: "n"))
    var payCount: Int?

    @Option(
        help: ArgumentHelp(
            "What the sandbox's payer pays counts at once, and is shown so long after.", valueName: "duration"))
    var payHidden: DurationArgument?

    @Flag(help: "The payer of each of the sandbox's links may choose its amount.")
    var payerDefined = false

    @Option(
        help: ArgumentHelp(
            "A fault rule of the sandbox from the start, as in docs/sandbox.md (repeatable).", valueName: "json"))
    var fault: [FaultArgument] = []

    func validate() throws {
        if let payAmount {
            try payAmount.validate("--pay-amount")
            if payAmount.amount == .zero { throw ValidationError("--pay-amount: a payment is above 0") }
        }
        if let payCount, !(1...1_000).contains(payCount) {
            throw ValidationError("--pay-count: \(payCount) is not between 1 and 1000")
        }
        for fault in fault {
            if let problem = fault.problem { throw ValidationError("--fault: \(ShownText.line(problem))") }
        }
        try [payLate?.problem("--pay-late"), payHidden?.problem("--pay-hidden")].throwFirst()
    }

    /// The first of these options that was given.
    var firstGiven: String? {
        if payAmount != nil { return "--pay-amount" }
        if payLate != nil { return "--pay-late" }
        if payCount != nil { return "--pay-count" }
        if payHidden != nil { return "--pay-hidden" }
        if payerDefined { return "--payer-defined" }
        return fault.isEmpty ? nil : "--fault"
    }

    func apply(to options: inout SandboxOptions) {
        options.payAmount = payAmount?.amount?.microUSDC
        options.payLate = payLate?.duration
        if let payCount { options.payCount = payCount }
        options.payHidden = payHidden?.duration
        options.payerDefinesAmount = payerDefined
        options.faults = fault.compactMap(\.fault)
    }
}

/// A fault rule as JSON.
struct FaultArgument: ExpressibleByArgument {
    let fault: Fault?
    /// What is wrong with it; nil when nothing is.
    let problem: String?

    init(argument: String) {
        do throws(SandboxError) {
            (fault, problem) = (try Fault(parsing: argument), nil)
        } catch {
            (fault, problem) = (nil, error.message)
        }
    }
}

/// A duration with a sign or without: `20m`, `+20m`, `-20m`.
struct SignedDurationArgument: ExpressibleByArgument {
    let duration: Duration
    private let text: String?

    init(argument: String) {
        let isBehind = argument.hasPrefix("-")
        let parsed = DurationText.parse(isBehind || argument.hasPrefix("+") ? String(argument.dropFirst()) : argument)
        text = parsed == nil ? argument : nil
        duration = isBehind ? .zero - (parsed ?? .zero) : parsed ?? .zero
    }

    /// What is wrong with it, for the option `name`.
    func problem(_ name: String) -> ValidationError? {
        text.map { ValidationError("\(name): \"\(ShownText.line($0))\" is no duration: \(DurationText.advice)") }
    }
}
