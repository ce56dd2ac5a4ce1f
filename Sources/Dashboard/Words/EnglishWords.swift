// The dashboard in English.

import Pages
import Report

extension DashboardWords {
    static let english = DashboardWords(
        report: .of(.english),
        pages: [.today: "Today", .links: "Links", .doubt: "In doubt", .jobs: "Jobs", .times: "30 days"],
        skip: "Skip to the content", menu: "Pages", live: "live", notLive: "not live: reload the page",
        payments: "Newest payments", noPayments: "No payment has been seen yet.", addingUp: "Adding up …",
        asOf: "As of", thirtyDays: "The last 30 days", today: "Today",
        news: { "Received \($0) for \($1)." },
        search: "Search", searchHint: "Key, amount, payer, link or words of the description", state: "State",
        any: "any", find: "Find", key: "Key", made: "Made", description: "Description", older: "Older",
        newest: "Newest",
        nothing: "Nothing found.", noLinks: "No link has been made yet.", link: "Link", payer: "Paid by",
        lookedThrough: { "By words and amounts, the newest \($0) links were looked through; “Older” goes on." },
        states: [
            "active": "open", "paid": "paid", "underpaid": "short", "expired": "expired", "in_doubt": "in doubt",
            "rejected": "refused", "abandoned": "given up", "prepared": "not sent", "under_way": "under way",
            "unknown": "unknown", "archived": "archived", "done": "done", "running": "runs", "failed": "failed",
            "open": "to be run again",
            "late": "paid late",
        ],
        terms: "Terms as written", requests: "Requests", attempts: "Requests to make it",
        possibleOrphans: "May each have made a link that nobody knows of", problem: "What went wrong last",
        status: "Status", address: "Checkout page", expires: "Expires", reusable: "Can be paid more than once",
        payment: "Payment", effects: "What followed", lacking: "lacking", beyond: "beyond what was asked",
        late: "after the link had ended", seenAt: "seen", transaction: "Transaction", settled: "Settled by hand",
        dismissedBy: "dismissed by", recorded: "Recorded", changed: "Changed last",
        unseen: "Payments that were counted and never seen", isUnknown: "unknown",
        noDoubt: "Nothing is in doubt.",
        doubtLink:
            "The request was sent, and no answer says what became of it: there may be a link that a customer can pay. Look in the service's own pages before anything is sent again.",
        doubtOrphan:
            "This link is settled, but an earlier request for it may have made another one that nobody knows of.",
        doubtWaiting:
            "It is open again: the next run or watch sends it again. Earlier requests may have made a link each.",
        doubtEffect:
            "What was to follow was begun, and its end was never recorded: it may have happened. Look before it runs again.",
        commands: "In a terminal", readOnly: "Nothing can be decided here: start the dashboard with --allow-actions.",
        more: "Only the newest are shown.",
        actions: [
            .retry: "It was not made: send it again", .abandon: "Give it up", .dismiss: "There is none: dismiss",
            .happened: "It has happened", .retryEffect: "Run it again", .abandonEffect: "Give it up",
        ],
        warnings: [
            .retry: "If the first request did make a link, the customer may pay twice.",
            .abandon: "It is not sent again. If the first request did make a link, a customer can still pay it.",
            .dismiss: "It is on record that you say no other link was made.",
            .happened: "It does not run again.", .retryEffect: "If it has happened, it happens twice.",
            .abandonEffect: "It does not run again, whether it has happened or not.",
        ],
        confirm: "Are you sure?", yes: "Yes, do it", back: "Back",
        done: "Done, and recorded.",
        refused: "Nothing was changed: it is settled already, or under way in another process.",
        jobs: "Jobs", batches: "Batches", noJobs: "No run of a job is recorded.", noBatches: "No batch is recorded.",
        command: "Command", schedule: "Schedule", next: "Next", lastRuns: "Last slots, the newest at the right",
        logEnd: "The end of its log",
        noLog: "Nothing was kept of what it wrote.", started: "Started", took: "Took", ended: "Ended",
        missed: "missed before it", slot: "Slot",
        outcomes: [
            .ran: "ran", .failed: "failed", .missed: "missed", .skipped: "skipped", .interrupted: "cut off",
            .running: "runs",
        ],
        notFound: "There is nothing here.")
}
