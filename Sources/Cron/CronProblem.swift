// What is wrong with something that a person wrote: a schedule, a zone, a crontab.

/// A text that cannot be used; the message names the part, its value and what is allowed.
package struct CronProblem: Error, Sendable, Hashable, CustomStringConvertible {
    package var message: String

    package init(_ message: String) { self.message = message }

    package var description: String { message }
}
