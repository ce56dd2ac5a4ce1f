// `paylink create` and `get`: one link, from the shell.

import ArgumentParser
import Console
import Glibc
import OneShotPay
import Recorder
import Scripting

struct CreateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create a pay link.",
        usage: "paylink create [<options>] --amount <amount> --description <description>",
        discussion: """
            Examples:
              paylink create --amount 12.50 --description "Order 1001"
              paylink create --amount 3 --description Coffee --expires-in 15m --json
              paylink create --amount 20 --description "Ticket" --qr
              paylink create --key order-1001 --amount 12.50 --description "Order 1001"

            \(ServiceOptions.hint)
            """
    )

    @OptionGroup(visibility: .hidden) var service: ServiceOptions
    @OptionGroup var output: OutputOptions

    @Option(
        help: "What you know it by: run again with the same key and terms, it shows the same link and makes no other.")
    var key: String?
    @Option(parsing: .unconditional, help: "USD with at most 6 decimals, such as 12.50.") var amount: String
    @Option(help: "What the payer reads.") var description: String
    @Option(parsing: .unconditional, help: ArgumentHelp("How long it can be paid, such as 15m.", valueName: "duration"))
    var expiresIn: DurationArgument?
    @Option(
        help: ArgumentHelp(
            "Until when instead: Unix seconds, or a time with its zone such as 2027-01-31T18:00:00Z.",
            valueName: "moment"))
    var expiresAt: String?
    @Option(help: ArgumentHelp("Address of a picture for the checkout page.", valueName: "url")) var mediaURL: String?
    @Flag(help: "It can be paid more than once.") var reusable = false
    @Option(help: ArgumentHelp("The one user who may pay.", valueName: "uuid")) var payer: String?
    @Flag(help: "The checkout page closes once it is paid.") var closeOnComplete = false
    @Flag(help: "When the key's link can no longer be paid and was not: make another, under the key with :2 behind it.")
    var reissue = false

    func validate() throws {
        try [expiresIn?.problem("--expires-in")].throwFirst()
        if expiresIn != nil, expiresAt != nil {
            throw ValidationError("--expires-in and --expires-at: a link ends once; give one of the two")
        }
        if reissue, key == nil { throw ValidationError("--reissue: without --key each link is a new one anyhow") }
    }

    mutating func run() throws {
        let order: LinkOrder
        do throws(OneShotPayError) {
            order = try self.order()
            try order.validate()
        } catch {
            throw output.fail(LinkFailure(error))
        }
        let reissue = reissue
        try ServiceSession.finish(output, service, command: "create", key: reissue ? nil : key) { links, done in
            if reissue { return links.reissue(order, done) }
            // An address that nobody can pay at is not to be published as if it were new.
            return links.create(order) {
                done(
                    $0.flatMap { link in
                        guard var failure = LinkFailure.over(link, order) else { return .success(link) }
                        failure.message += ", or --reissue"
                        failure.service?.message += ", or --reissue"
                        return .failure(failure)
                    })
            }
        }
    }

    /// The terms that were given, by name. The language is among the options of the service, for other pages as well.
    private var terms: [String: String?] {
        [
            "amount": amount, "description": description, "expires_at": expiresAt, "media_url": mediaURL,
            "reusable": reusable ? "true" : nil, "payer": payer, "close_on_complete": closeOnComplete ? "true" : nil,
        ]
    }

    private func order() throws(OneShotPayError) -> LinkOrder {
        var order = LinkOrder(CreatePayLink(amount: .zero, description: ""), key: key)
        order.expiry = expiresIn.map { .after($0.duration) }
        let terms = terms
        for term in LinkOrder.terms {
            guard let text = terms[term.name.description] ?? nil else { continue }
            do throws(OneShotPayError) { term.write(&order, try LinkTermValue(text, for: term)) } catch {
                let option = term.name.description.split(separator: "_").joined(separator: "-")
                throw OneShotPayError(.invalidRequest, "--\(option): \(error.message)", field: error.field)
            }
        }
        return order
    }
}

struct GetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Show a pay link's present state.",
        usage: "paylink get [<options>] <id>",
        discussion: """
            Example:
              paylink get 01890a5d-ac96-774b-bcce-b302099a8057 --json

            \(ServiceOptions.hint)
            """
    )

    @OptionGroup(visibility: .hidden) var service: ServiceOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The link's id.") var id: LinkArgument

    func validate() throws { try [id.problem].throwFirst() }

    mutating func run() throws {
        guard let id = id.id else { return }
        try ServiceSession.finish(output, service, command: "get") { links, done in links.get(id, done) }
    }
}

/// A pay link's id on the command line.
struct LinkArgument: ExpressibleByArgument {
    var id: PayLinkID?
    private let text: String

    init(argument: String) {
        text = argument
        id = PayLinkID(argument)
    }

    var problem: ValidationError? {
        guard id == nil else { return nil }
        return ValidationError(
            "<id>: \"\(ShownText.line(text))\" is no pay link id: an id is a UUID, such as 01890a5d-ac96-774b-bcce-b302099a8057"
                + (LinkOrder.problem(withKey: text) == nil
                    ? "; if it is a key: paylink ledger show \(ShellWord.quoted(text))" : ""))
    }
}

extension [ValidationError?] {
    func throwFirst() throws {
        if let first = lazy.compactMap({ $0 }).first { throw first }
    }
}

extension ServiceSession {
    /// Makes the call, prints the link or the failure, and ends with the status that says which.
    static func finish(
        _ output: OutputOptions, _ service: ServiceOptions, command: String, key: String? = nil,
        saysWhenSlow: Bool = true,
        _ body: @escaping @Sendable (RecordedLinks, @escaping (Result<PayLink, LinkFailure>) -> Void) -> RecordedCall
    ) throws {
        let (outcome, signal) = try call(service, command: command, saysWhenSlow: saysWhenSlow, body)
        switch outcome {
        case .success(let link): try output.print(link, key: key, isMade: command == "create")
        case .failure(let error):
            let code = output.fail(error)
            throw signal?.code ?? code
        }
    }
}
