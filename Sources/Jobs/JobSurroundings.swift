// What a job's run needs of the process that it is in.

package import Advice
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
    /// What messages call the means that they advise.
    var words: AdviceWords

    package init(
        clock: JobClock = .system, isWatched: Bool, output: OutputBuffer?, write: @escaping @Sendable (String) -> Void,
        meaning: @escaping @Sendable (Int32) -> String, words: AdviceWords = .neutral
    ) {
        self.clock = clock
        self.isWatched = isWatched
        self.output = output
        self.write = write
        self.meaning = meaning
        self.words = words
    }

    /// A message of ours.
    func tell(_ text: String) { write("paylink: \(ShownText.lines(text))\n") }
}
