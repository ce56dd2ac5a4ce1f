// What a job's run needs of the process that it is in.

import Console

package struct JobSurroundings: Sendable {
    var clock: JobClock
    /// Whether somebody watches at a terminal: then nothing is kept back, and more is told.
    var isWatched: Bool
    /// `nil`: what the process writes is not kept back.
    var output: OutputBuffer?
    /// Writes to standard error, as it is.
    var write: @Sendable (String) -> Void
    /// An exit status in words.
    var meaning: @Sendable (Int32) -> String

    package init(
        clock: JobClock = .system, isWatched: Bool, output: OutputBuffer?, write: @escaping @Sendable (String) -> Void,
        meaning: @escaping @Sendable (Int32) -> String
    ) {
        self.clock = clock
        self.isWatched = isWatched
        self.output = output
        self.write = write
        self.meaning = meaning
    }

    /// A message of ours.
    func tell(_ text: String) { write("paylink: \(ShownText.lines(text))\n") }
}
