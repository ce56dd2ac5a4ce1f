// The words of the dashboard in the service's three languages; those of sums and charts are the report's.

import Pages
import Report

struct DashboardWords: Sendable {
    var report: ReportWords
    var pages: [DashboardPage: String]
    var skip, menu, live, notLive, payments, noPayments, addingUp, asOf, thirtyDays, today: String
    /// Something that has just come, for whoever hears the page.
    var news: @Sendable (_ amount: String, _ name: String) -> String
    // Links.
    var search, searchHint, state, any, find, key, made, description, older, newest, nothing, noLinks, link,
        payer: String
    var lookedThrough: @Sendable (_ count: String) -> String
    var states: [String: String]
    // One link.
    var terms, requests, attempts, possibleOrphans, problem, status, address, expires, reusable, payment,
        effects: String
    var lacking, beyond, late, seenAt, transaction, settled, dismissedBy, recorded, changed, unseen, isUnknown: String
    // Doubt.
    var noDoubt, doubtLink, doubtOrphan, doubtWaiting, doubtEffect, commands, readOnly, more: String
    var actions: [DoubtAction: String]
    var warnings: [DoubtAction: String]
    var confirm, yes, back, done, refused: String
    // Jobs.
    var jobs, batches, noJobs, noBatches, command, schedule, next, lastRuns, logEnd, noLog, started, took, ended,
        missed, slot: String
    var outcomes: [JobMark: String]
    var notFound: String

    static func of(_ language: PageLanguage) -> DashboardWords {
        switch language {
        case .english: english
        case .spanish: spanish
        case .turkish: turkish
        }
    }

    var language: PageLanguage { report.language }
}
