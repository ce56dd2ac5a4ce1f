// How advice is called where it is read. Handed down by whoever runs the libraries, to all that word a failure.

/// The words for each ``Advice``.
///
/// ```swift
/// throw LinkFailure(.limitReached, "this run may make no links: \(words(.linkLimit)) allows some")
/// ```
package struct AdviceWords: Sendable {
    private let words: @Sendable (Advice) -> String

    package init(_ words: @escaping @Sendable (Advice) -> String) { self.words = words }

    /// For a Swift program: without options and commands.
    package static let neutral = AdviceWords { $0.neutral }

    package func callAsFunction(_ advice: Advice) -> String { words(advice) }
}
