// `paylink batch`: a link for every row of a table.

import ArgumentParser
import Batch
import CSV
import LuaRuntime
import NIOCore
import OneShotPay
import Scripting
import Settings

struct BatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch",
        abstract: "Create a pay link for every row of a CSV file; run it again to resume.",
        discussion: """
            Every row is checked before the first request. Rows are known by their key: what is made is recorded, and \
            is not made twice, however often the command runs or is cut off. The results stand beside the input, in its \
            order, with columns for id, address and amount.

            Examples:
              paylink batch orders.csv --dry-run
              paylink batch orders.csv --description "Order {order_id}" --expires-in 7d
              paylink batch orders.csv --map orders.lua --dry-run
              paylink batch bestellungen.csv --key Nummer --amount Betrag --decimal-comma

            \(ServiceOptions.hint)
            """
    )

    @OptionGroup(visibility: .hidden) var service: ServiceOptions

    @Argument(
        help: ArgumentHelp("The table; its first line names the columns.", valueName: "file.csv"),
        completion: .file(extensions: ["csv", "tsv", "txt"]))
    var file: String

    @Option(help: ArgumentHelp("Where results go; - is standard output. (default: FILE.links.csv)", valueName: "file"))
    var out: String?
    @Option(help: ArgumentHelp("Where rejected rows go. (default: FILE.rejected.csv)", valueName: "file"))
    var rejected: String?
    @Option(help: ArgumentHelp("The column that tells each row from all others.", valueName: "column"))
    var key: String?
    @Option(
        help: ArgumentHelp(
            "A Lua file that returns a function from a row to a link's options, in place of --key, --amount and "
                + "--description.", valueName: "script.lua"))
    var map: String?
    @Option(
        help: ArgumentHelp("With --map: the longest time for a few rows, waits not counted.", valueName: "duration"))
    var maxBusy = DurationArgument(duration: .seconds(30))

    @Option(help: ArgumentHelp("With --map: where its Lua lives: process, half or none.", valueName: "where"))
    var isolation: IsolationChoice?
    @Option(help: ArgumentHelp("With --map: memory that the script may use, such as 64M.", valueName: "size"))
    var memory = ByteCount(bytes: 256 << 20)
    @Option(help: ArgumentHelp("The column with amounts in USD. (default: amount)", valueName: "column"))
    var amount: String?
    @Option(
        help: ArgumentHelp(
            "What the payer reads, such as \"Order {order_id}\". (default: the column description)",
            valueName: "template"))
    var description: String?
    @Option(
        help: ArgumentHelp("How long links can be paid, for rows that do not say.", valueName: "duration"))
    var expiresIn: DurationArgument?
    @Flag(help: "Amounts are written with a comma, such as 12,50.") var decimalComma = false
    @Flag(help: "Amounts are written with a point, also those with three decimals, such as 1.234.")
    var decimalPoint = false
    @Option(help: ArgumentHelp("What separates fields: , ; | or tab. (default: found)", valueName: "character"))
    var delimiter: String?
    @Option(help: ArgumentHelp("utf-8 or windows-1252, for a file without a byte order mark.", valueName: "name"))
    var encoding: String?
    @Flag(help: "Go on without the rows that cannot be used.") var skipInvalid = false
    @Flag(help: "Say what would be made; send and write nothing.") var dryRun = false
    @Option(help: ArgumentHelp("Send nothing if more links than this would be made.", valueName: "count"))
    var maxLinks: Int?
    @Option(help: ArgumentHelp("Send nothing if the links would ask for more in all.", valueName: "usd"))
    var maxTotal: AmountArgument?
    @Option(help: ArgumentHelp("Requests on the wire at once, 1 to 1024.", valueName: "count"))
    var concurrency = 16
    @Option(help: ArgumentHelp("How many links are begun in a time, such as 10/s or 600/m.", valueName: "rate"))
    var rate: String?
    @Option(
        help: ArgumentHelp("Give up on a service that has not answered once after so long.", valueName: "duration"))
    var patience = DurationArgument(duration: .seconds(60))
    @Flag(help: "Replace output files that are not of this batch.") var force = false
    @Flag(help: "Leave cells as they are that a spreadsheet would take for formulas.") var keepFormulas = false
    @Flag(help: "Begin files with a byte order mark, also where the input has none.") var bom = false
    @Flag(help: "Print the summary as JSON on standard output.") var json = false
    @Flag(help: "No progress and no summary; problems are still told.") var quiet = false
    @Flag(help: "Use a sandbox inside this process: no account, no real money.") var sandbox = false

    func validate() throws {
        try [
            expiresIn?.problem("--expires-in"), patience.problem("--patience"), maxBusy.problem("--max-busy"),
        ].throwFirst()
        if map != nil {
            let others = [
                ("--key", key != nil), ("--amount", amount != nil), ("--description", description != nil),
                ("--decimal-comma", decimalComma), ("--decimal-point", decimalPoint),
            ]
            for (name, isGiven) in others where isGiven {
                throw ValidationError("--map and \(name): the mapping says it all; give one of the two")
            }
        }
        if decimalComma, decimalPoint {
            throw ValidationError(
                "--decimal-comma and --decimal-point: amounts have one decimal sign; give one of the two")
        }
        try maxTotal?.validate("--max-total")
        if let maxLinks, maxLinks < 0 { throw ValidationError("--max-links: \(maxLinks) is below zero") }
        guard (1...1024).contains(concurrency) else {
            throw ValidationError("--concurrency: \(concurrency) is not between 1 and 1024")
        }
        if let rate, PaceText.parse(rate) == nil {
            throw ValidationError("--rate: \"\(Terminal.onOneLine(rate))\" is no rate: write 10/s, 600/m or 5000/h")
        }
        if json, out == "-" { throw ValidationError("--json and --out - both want standard output; name a file") }
        _ = try table()
    }

    mutating func run() throws {
        var job = BatchJob(path: file)
        job.options = try options()
        job.service = try service.loaded()
        job.mapping = map.map { path in
            var mapping = BatchMapping(path: path)
            mapping.limits.memory = memory.bytes
            mapping.limits.stretch = maxBusy.duration
            mapping.isolation =
                isolation ?? job.service.stack.text("run.isolation").flatMap(IsolationChoice.init) ?? .none
            return mapping
        }
        job.usesSandbox = sandbox
        job.printsJSON = json
        job.isQuiet = quiet
        let status = job.run()
        if status != .done { throw status.code }
    }

    private func options() throws -> BatchOptions {
        var options = BatchOptions()
        options.terms.keyColumn = key
        if let amount { options.terms.amountColumn = amount }
        options.terms.description = description
        options.terms.expiresIn = expiresIn?.duration
        options.terms.decimalSign = decimalComma ? .comma : decimalPoint ? .point : nil
        options.table = try table()
        options.table.removesFormulaGuard = !keepFormulas
        options.making = BatchMaker.Settings(
            concurrency: concurrency, pacer: rate.flatMap(PaceText.parse).map { Pacer(interval: $0) })
        options.making.patience = patience.duration
        options.results = out
        options.rejected = rejected
        options.maximumLinks = maxLinks
        options.maximumTotal = maxTotal?.amount
        options.skipsInvalid = skipInvalid
        options.isDryRun = dryRun
        options.replacesForeign = force
        options.keepsFormulas = keepFormulas
        options.addsMark = bom
        options.isTrial = sandbox
        if let folder = Environment["TMPDIR"] { options.temporaryFolders.insert(folder, at: 0) }
        return options
    }

    private func table() throws -> CSVOptions {
        var options = CSVOptions()
        if let delimiter {
            let text = ["tab", "\\t"].contains(delimiter) ? "\t" : delimiter
            guard text.utf8.count == 1, let byte = text.utf8.first, let found = CSVDelimiter(byte) else {
                throw ValidationError(
                    "--delimiter: \"\(Terminal.onOneLine(delimiter))\" cannot separate fields: use , ; | or tab")
            }
            options.delimiter = found
        }
        switch encoding?.lowercased() {
        case nil, "utf-8", "utf8": break
        case "windows-1252", "cp1252": options.encoding = .windows1252
        default:
            throw ValidationError(
                "--encoding: \"\(Terminal.onOneLine(encoding ?? ""))\" is not known: use utf-8 or windows-1252; UTF-16 is "
                    + "known by its mark")
        }
        return options
    }
}
