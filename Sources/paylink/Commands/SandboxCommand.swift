// `paylink sandbox`: the local 1ShotPay, as a server of its own.

import ArgumentParser
import Glibc
import Recorder
import Sandbox

struct SandboxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Run a local 1ShotPay: its API, its checkout page, faults on demand, a clock that can be moved.",
        discussion: """
            No account is needed and no money moves. It prints the variables that point scripts at it.

            Example, in two terminals:
              paylink sandbox --port 8402 --pay-after 5s
              export PAYLINK_BASE_URL=http://127.0.0.1:8402 …    # as printed
              paylink create --amount 12.50 --description Tea
            """
    )

    @Option(help: "Address to listen on.") var host = "127.0.0.1"
    @Option(help: "Port; 0 takes a free one.") var port = 0
    @Option(help: "The account's user id.") var userID: String?
    @Option(help: ArgumentHelp("Pay every link after this long.", valueName: "duration")) var payAfter:
        DurationArgument?
    @OptionGroup var payer: SandboxPayerOptions
    @Option(help: ArgumentHelp("The transaction's hash appears so long after the payment.", valueName: "duration"))
    var settleAfter: DurationArgument?
    @Option(help: ArgumentHelp("How long access tokens live.", valueName: "duration")) var tokenLifetime:
        DurationArgument?
    @Option(help: ArgumentHelp("Expiry of links that name none.", valueName: "duration")) var defaultExpiry:
        DurationArgument?
    @Option(help: ArgumentHelp("Keep links in this file.", valueName: "file")) var state: String?
    @Option(help: ArgumentHelp("Append every request to this file (JSON lines).", valueName: "file")) var record:
        String?
    @Option(help: ArgumentHelp("Address that links name, when it differs.", valueName: "url")) var publicURL: String?
    @Option(help: "Merchant's name on the checkout page.") var merchant: String?
    @Option(help: "Seed of faults that strike by chance.") var seed: UInt64?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Set the sandbox's clock so far ahead, or behind with a minus sign.", valueName: "duration"))
    var clockOffset: SignedDurationArgument?
    @Flag(help: "Accept a link whose expiry has passed already: it is expired from the start.")
    var acceptPastExpiry = false

    func validate() throws {
        if payAfter != nil, payer.payLate != nil {
            throw ValidationError("--pay-after and --pay-late: a link is paid once, so give one of them")
        }
        try [
            payAfter?.problem("--pay-after"), settleAfter?.problem("--settle-after"),
            tokenLifetime?.problem("--token-lifetime"), clockOffset?.problem("--clock-offset"),
            defaultExpiry?.problem("--default-expiry"),
        ].throwFirst()
    }

    mutating func run() throws {
        signal(SIGPIPE, SIG_IGN)
        let options = options
        let server: SandboxServer
        do {
            server = try blocking { try await SandboxServer.start(options) }
        } catch {
            Terminal.message("\(error)")
            throw ExitStatus.inputOutput.code
        }
        // Before anybody can know that it runs: who reads the lines may end it at once.
        let interruption = Interruption(timeout: nil) { _ in Task { await server.stop() } }
        Terminal.output(
            """
            export PAYLINK_BASE_URL=\(server.baseURL)
            export ONESHOT_USER_ID=\(options.userID)
            export ONESHOT_API_TOKEN=\(options.apiToken)
            """)
        Terminal.write("The sandbox is at \(server.baseURL)/ (no real money moves). Ctrl-C ends it.\n")
        try blocking { await server.waitUntilStopped() }
        interruption.end()
    }

    private var options: SandboxOptions {
        var options = SandboxOptions()
        options.host = host
        options.port = port
        if let userID { options.userID = userID }
        options.payAfter = payAfter?.duration
        payer.apply(to: &options)
        if let settleAfter { options.settleAfter = settleAfter.duration }
        if let tokenLifetime { options.tokenLifetime = tokenLifetime.duration }
        if let defaultExpiry { options.defaultExpiry = defaultExpiry.duration }
        options.stateFile = state
        options.recordFile = record
        options.publicBaseURL = publicURL
        if let merchant { options.merchantName = merchant }
        if let seed { options.faultSeed = seed }
        if let clockOffset { options.clockOffset = clockOffset.duration }
        options.acceptsPastExpiry = acceptPastExpiry
        return options
    }
}
