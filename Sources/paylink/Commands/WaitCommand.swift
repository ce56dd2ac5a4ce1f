// `paylink wait`: follows one link until it is paid, prints it, and remembers which payment of a reusable one it printed.

import ArgumentParser
import Console
import LuaRuntime
import OneShotPay
import Recorder
import Scripting
import Synchronization

struct WaitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until a pay link is paid.",
        usage: "paylink wait [<options>] <id>",
        discussion: """
            Exit status: 0 paid in full, 124 not paid in time, 1 never to be paid (expired, archived, ignored or not found) or
            paid with less than its amount, 69 the service could not be seen.

            Of a reusable link it prints each payment once: run again, it waits for one that is newer than the last it printed
            with status 0, or than --after.

            Examples:
              paylink wait 01890a5d-ac96-774b-bcce-b302099a8057 && ./ship-order
              paylink wait 01890a5d-ac96-774b-bcce-b302099a8057 --after 01890a5d-b7c1-7f00-8000-5d2e6a1c9b40

            \(ServiceOptions.hint)
            """
    )

    @OptionGroup(visibility: ServiceOptions.visibility) var service: ServiceOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The link's id.") var id: LinkArgument
    @Option(
        help: ArgumentHelp("How long to wait; without it, until it is paid or can no longer be.", valueName: "duration")
    )
    var timeout: DurationArgument?
    @Option(
        help: ArgumentHelp(
            "Of a reusable link, wait for a payment newer than the one of this id.", valueName: "payment"))
    var after: PaymentArgument?
    @Flag(help: "Wait for the transaction's hash, too.") var settled = false
    @Flag(name: .shortAndLong, help: "Tell of every look at the link, and what the wait cost.") var verbose = false

    func validate() throws { try [id.problem, timeout?.problem("--timeout"), after?.problem].throwFirst() }

    mutating func run() throws {
        guard let id = id.id else { return }
        let timeout = timeout?.duration, settled = settled, verbose = verbose, json = output.json, qr = output.qr
        let after = after?.id.map { PaymentMark(id: $0, createdAt: nil) }
        let output = output
        let told = Mutex<ExitCode?>(nil)
        let spinner = WaitSpinner(id, timeout: timeout)
        defer { spinner?.end() }
        let (outcome, signal) = try ServiceSession.call(service, command: "wait", saysWhenSlow: false) {
            (links, done: @escaping (Result<Bool, LinkFailure>) -> Void) in
            links.warn = { Terminal.message($0.text) }
            links.engine.observeWaits { report in
                if verbose { WaitReporter.tell(report) }
                spinner?.update(report)
            }
            if verbose {
                links.waitSummary = { WaitReporter.summarise($0) }
            }
            return links.wait(id, paymentBefore: after, timeout: timeout, settled: settled) { result in
                spinner?.end()
                switch result {
                case .failure(let error):
                    // A short payment of a reusable link is reported by this, and the next wait is for another one.
                    // It is said first: what did not arrive is said again.
                    guard error.service?.code == .underpaid, let link = error.link else { return done(.failure(error)) }
                    told.withLock { $0 = output.fail(error) }
                    links.report(link) { _ in done(.failure(error)) }
                case .success(let link) where after != nil && !link.reusable: done(.failure(Self.isPaidOnce(link)))
                case .success(let link): Self.give(link, links, json: json, qr: qr, done)
                }
            }
        }
        switch outcome {
        case .success(true): break
        case .success(false):
            throw StandardOutput.isAbandoned ? Terminal.lostOutput().code : ExitStatus.inputOutput.code
        case .failure(let error):
            let code = told.withLock { $0 } ?? output.fail(error)
            throw signal?.code ?? code
        }
    }

    /// Prints a link, and records that its payment was reported once it is written: what did not arrive is given again.
    private static func give(
        _ link: PayLink, _ links: RecordedLinks, json: Bool, qr: Bool,
        _ done: @escaping (Result<Bool, LinkFailure>) -> Void
    ) {
        guard OutputOptions.write(link, json: json, qr: qr) else {
            links.takeBack(link)
            if !StandardOutput.isAbandoned {
                Terminal.message("standard output could not be written; the link is \(link.id), \(link.url)")
            }
            return done(.success(false))
        }
        links.report(link) { problem in
            guard let problem else { return done(.success(true)) }
            Terminal.message(
                "link \(link.id): its payment could not be recorded as reported, and will be reported again")
            done(.failure(LinkFailure(problem)))
        }
    }

    private static func isPaidOnce(_ link: PayLink) -> LinkFailure {
        var error = OneShotPayError(
            .invalidRequest, "link \(link.id) is paid once, so there is no payment after another: leave out --after",
            field: "after")
        error.link = link
        return LinkFailure(error)
    }
}

/// A payment's id on the command line.
struct PaymentArgument: ExpressibleByArgument {
    var id: PaymentID?
    private let text: String

    init(argument: String) {
        text = argument
        id = PaymentID(argument)
    }

    var problem: ValidationError? {
        guard id == nil else { return nil }
        return ValidationError(
            "--after: \"\(ShownText.line(text))\" is no payment's id: paylink get shows that of the newest one")
    }
}
