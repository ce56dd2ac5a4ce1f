// How a job is run, as values. Options and their words are the command's.

package import Cron

/// What is done when the job's last run still goes on.
package enum WhenBusy: String, CaseIterable, Sendable {
    case skip, wait, fail
}

/// How a job is run.
package struct JobSettings: Sendable {
    package var name: String
    package var schedule: (slots: Schedule, zone: Zone)?
    /// The zone that was asked for; the machine's when `nil`.
    package var zone: Zone?
    /// Slots up to this instant are none of the job's.
    package var since: Int64?
    package var whenBusy = WhenBusy.skip
    package var waitLimit = Duration.seconds(600)
    package var catchUp = CatchUp.latest
    package var maxRuntime: Duration?
    /// The address of a monitor.
    package var ping: String?

    package init(name: String) { self.name = name }
}
