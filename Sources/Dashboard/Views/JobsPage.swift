// Batches and jobs: each job's last slots as a strip, its next ones, and one run with the end of its log.

import Console
import Cron
import Ledger
import OneShotPay
import Pages
import Report

enum JobsPage {
    private static let mostMarks = 60
    private static let mostMissed = 12

    static func html(_ standing: JobStanding, _ context: PageContext) -> HTML {
        let words = context.words
        return PageFrame.html(
            .jobs, title: words.pages[.jobs] ?? "", context,
            """
            <div id="jobs" data-live>\(HTML.when(standing.jobs.isEmpty, "<p>\(words.noJobs)</p>"))\(standing.jobs.map { job($0, context) })\
            \(HTML.when(!standing.jobs.isEmpty, legend(context)))</div>
            <section id="batches" data-live><h2>\(words.batches)</h2>\(batches(standing.batches, context))</section>
            """)
    }

    private static func job(_ job: JobStanding.Job, _ context: PageContext) -> HTML {
        let words = context.words
        let schedule: HTML =
            job.schedule.map {
                """
                <p class="facts">\(words.schedule) <span class="code">\($0.expression)</span> · \($0.zone)</p>\
                <p class="facts">\(words.next): \($0.next.map { "<time datetime=\"\($0)\">\($0.replacing("T", with: " "))</time>" as HTML }.joined(" · "))</p>
                """
            } ?? ""
        return """
            <section class="sheet job"><h2>\(context.short(job.name))</h2>\(schedule)\
            \(HTML.when(!job.runs.isEmpty, "<ol class=\"strip\" aria-label=\"\(words.lastRuns)\">\(marks(job, context))</ol>"))</section>

            """
    }

    /// The oldest first: what was missed stands before the run that noticed it.
    private static func marks(_ job: JobStanding.Job, _ context: PageContext) -> [HTML] {
        var marks: [HTML] = []
        for record in job.runs where marks.count < mostMarks {
            let mark = JobMark(record)
            let slot = record.slotText ?? context.sources.zone.text(record.startedAt)
            let name = "\(context.words.outcomes[mark] ?? ""), \(slot.replacing("T", with: " "))"
            marks.append(
                "<li><a class=\"mark \(mark.rawValue)\" href=\"\(context.address(.run(record.id)))\" title=\"\(name)\" aria-label=\"\(name)\">\(mark.sign)</a></li>"
            )
            for _ in 0..<min(record.missed, mostMissed) {
                let missed = context.words.outcomes[.missed] ?? ""
                marks.append(
                    "<li><span class=\"mark missed\" role=\"img\" title=\"\(missed)\" aria-label=\"\(missed)\">\(JobMark.missed.sign)</span></li>"
                )
            }
        }
        return marks.reversed()
    }

    private static func legend(_ context: PageContext) -> HTML {
        "<p class=\"legend soft\">\(JobMark.allCases.map { "<span class=\"mark \($0.rawValue)\" aria-hidden=\"true\">\($0.sign)</span> \(context.words.outcomes[$0] ?? "") " as HTML })</p>"
    }

    private static func batches(_ runs: [RunRecord], _ context: PageContext) -> HTML {
        let words = context.words
        guard !runs.isEmpty else { return "<p>\(words.noBatches)</p>" }
        let headings = [words.command, words.started, words.took, words.ended]
        let rows: [HTML] = runs.map { run in
            let took = run.endedAt.map { words.report.span(max(0, $0 - run.startedAt)) } ?? ""
            let end =
                run.exitStatus.map { $0 == 0 ? words.outcomes[.ran] ?? "" : context.sources.meaning($0) }
                ?? words.outcomes[run.isAlive ? .running : .interrupted] ?? ""
            return """
                <tr><th scope="row">\(context.short(run.command))</th><td data-label="\(words.started)">\(context.time(run.startedAt))</td>\
                <td data-label="\(words.took)">\(took)</td><td data-label="\(words.ended)">\(end)</td></tr>

                """
        }
        return """
            <table class="list" aria-label="\(words.batches)"><thead><tr>\(headings.map { "<th scope=\"col\">\($0)</th>" as HTML })</tr></thead><tbody>
            \(rows)</tbody></table>
            """
    }

    /// One run, with the end of what it wrote.
    static func run(_ record: JobRecord, _ context: PageContext) -> HTML {
        let words = context.words, mark = JobMark(record)
        let facts: [(String, HTML?)] = [
            (words.slot, record.slotText.map { "\($0.replacing("T", with: " "))" }),
            (words.started, context.time(record.startedAt)),
            (words.took, record.endedAt.map { "\(words.report.span(max(0, $0 - record.startedAt)))" }),
            (words.ended, record.exitStatus.map { "\(context.sources.meaning($0))" }),
            (words.missed, record.missed > 0 ? "\(context.number(record.missed))" : nil),
            (words.problem, record.reason.map { context.whole($0) }),
            (words.report.links, record.outcome == .skipped ? nil : "\(context.number(record.links))"),
            (words.effects, record.outcome == .skipped ? nil : "\(context.number(record.effects))"),
        ]
        let tail = record.logTail.flatMap { $0.isEmpty ? nil : $0 }
        return PageFrame.html(
            .run(record.id), title: LinkText.plain(record.job), context,
            """
            <div id="run" data-live><section class="sheet"><p class="facts"><span class="mark \(mark.rawValue)" aria-hidden="true">\(mark.sign)</span> \(words.outcomes[mark] ?? "")</p>
            <dl>\(facts.compactMap { name, value in value.map { "<div><dt>\(name)</dt><dd>\($0)</dd></div>" as HTML } })</dl></section>
            <section class="sheet" aria-labelledby="log-title"><h2 id="log-title">\(words.logEnd)</h2>\
            \(tail.map { "<pre class=\"code\" tabindex=\"0\">\(context.whole($0))</pre>" as HTML } ?? "<p>\(words.noLog)</p>")</section></div>
            """)
    }
}

extension [HTML] {
    func joined(_ separator: String) -> HTML {
        HTML(enumerated().flatMap { index, piece in index == 0 ? [piece] : ["\(separator)" as HTML, piece] })
    }
}
