// `paylink report`: what was asked and what came in a period, for a terminal, a program, a browser or a mail.

import ArgumentParser
import Console
import Cron
import Files
import Jobs
import Ledger
import Mail
import OneShotPay
import Pages
import Recorder
import Report
import Secrets
import Settings

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Sum up a period: what was asked, what came, what is open, short, late or in doubt.",
        discussion: """
            Of this account at this address, from the ledger alone: no request is made. Received is what the service showed as \
            paid; refunds are not known to it.

            Examples:
              paylink report --yesterday
              paylink report --month 2026-11 --zone Europe/Berlin --html november.html
              paylink report --since 7d --by key --csv > week.csv
              paylink report --yesterday --mail boss@shop.example
            """)

    @OptionGroup var times: ReportPeriodOptions

    @Option(
        help: ArgumentHelp(
            "Tell apart by hour, day, month, key (what it begins with) or description.", valueName: "what"))
    var by: String?

    @Flag(help: "Write text of 80 columns (the default).") var text = false
    @Flag(help: "Write CSV: a row for each group, and the total.") var csv = false
    @Flag(help: "Write JSON.") var json = false
    @Option(help: ArgumentHelp("Write one self-contained HTML file, with charts.", valueName: "file")) var html: String?
    @Option(
        help: ArgumentHelp(
            "Send it to this address, as text with the HTML attached, through the settings' mail server (repeatable).",
            valueName: "address"))
    var mail: [String] = []

    @Option(help: "Language of text and HTML: en, es or tr. [env: PAYLINK_LOCALE]") var locale: String?
    @OptionGroup var own: LedgerAccountOptions
    @OptionGroup(title: "Jobs") var job: ReportJobOptions

    func validate() throws {
        let forms = [text ? "--text" : nil, csv ? "--csv" : nil, json ? "--json" : nil].compactMap { $0 }
        guard forms.count <= 1 else { throw ValidationError("\(forms.joined(separator: " or ")), not both") }
        _ = try grouping()
    }

    private func grouping() throws -> ReportGrouping? {
        guard let by else { return nil }
        guard let grouping = ReportGrouping(rawValue: by) else {
            let names = ReportGrouping.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--by: \(ShownText.line(by)) is none of \(names)")
        }
        return grouping
    }

    func run() throws {
        let settings = try own.settings(locale: locale)
        guard let job = try job.settings() else {
            return try makeReport(settings, at: JobClock.system.now, in: try Zone(named: Zone.systemName()))
        }
        if let zone = job.zone { JobZone.take(zone) }
        let runner = JobRunner(
            job, transport: try? settings.configuration().transportSettings(), isVerbose: false, .ofThisProcess)
        let place: LedgerPlace
        do throws(LedgerError) { place = try settings.ledgerLocation().place } catch { throw LedgerSession.end(error) }
        let end = runner.run(ledger: place, exitStatus: { ExitStatus.of($0).rawValue }) { task in
            // A slot that is made up for later is reported as it would have been.
            let moment = task.start.slot ?? JobClock.system.now
            do {
                try makeReport(settings, at: moment, in: try job.zone ?? Zone(named: Zone.systemName()))
                return ExitStatus.done.rawValue
            } catch let code as ExitCode {
                return code.rawValue
            } catch {
                Terminal.message("\(error)")
                return ExitStatus.internalError.rawValue
            }
        }
        throw ExitStatus.of(end).code
    }

    /// - Parameters:
    ///   - now: what "yesterday" is counted from.
    ///   - usual: the zone where none is named.
    private func makeReport(_ settings: ServiceSettings, at now: Int64, in usual: Zone) throws {
        let configuration: OneShotPayConfiguration
        do throws(OneShotPayError) { configuration = try settings.configuration() } catch {
            Terminal.message(error.message)
            throw ExitStatus.configuration.code
        }
        // What cannot be sent had better be known before the ledger is read.
        let letter = mail.isEmpty ? nil : try ReportMail(settings, configuration, to: mail)
        let language = PageLanguage(rawValue: configuration.locale.rawValue) ?? .english
        let session = try LedgerSession(own.record, command: "report")
        let scope = try own.scope(settings, session)
        let zone = try job.timing.zone.map { try Zone(named: $0) } ?? usual
        let madeAt = JobClock.system.now
        let report: Report
        do {
            report = try Report(session.store, scope, try times.period(now: now, in: zone), by: try grouping())
        } catch let error as LedgerError {
            throw LedgerSession.end(error)
        } catch let error as MoneyError {
            Terminal.message("the sum is too large: \(error.message)")
            throw ExitStatus.badInput.code
        }
        if let html { try write(ReportPage.write(report, language, madeAt: madeAt), to: html) }
        // Whoever asks for a file or a mail does not want the text besides; whoever names a form wants it.
        if text || csv || json || (html == nil && letter == nil) {
            let shown =
                csv
                ? ReportTables.csv(report)
                : json ? ReportTables.json(report, madeAt: madeAt) : ReportText.write(report, language, madeAt: madeAt)
            try LedgerCommand.print(shown)
            try LedgerCommand.finish()
        }
        try letter?.send(
            subject: ReportText.title(report, language), text: ReportText.write(report, language, madeAt: madeAt),
            page: ReportPage.write(report, language, madeAt: madeAt), name: name(of: report), at: madeAt)
    }

    /// Such as `paylink-2026-11-28.html`.
    private func name(of report: Report) -> String {
        let (first, last) = report.period.days
        return "paylink-\(first.text)\(first == last ? "" : "_\(last.text)").html"
    }

    private func write(_ text: String, to path: String) throws {
        do throws(AtomicFile.Failure) {
            let file = try AtomicFile(path: path)
            try file.write(text)
            try file.commit()
        } catch {
            Terminal.message("the report cannot be written: \(error)")
            throw ExitStatus.inputOutput.code
        }
    }
}
