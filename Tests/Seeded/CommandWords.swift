// How the words of a command line are read: names, and the values that follow them.

/// The words that are left; each is read once.
package struct CommandWords {
    /// Why the command line is not taken.
    package struct Refusal: Error {
        package let message: String

        package init(_ message: String) { self.message = message }
    }

    /// One input: the seed, and which of the inputs that follow from it.
    package typealias Place = (seed: UInt64, index: UInt64)

    private var rest: ArraySlice<String>

    package init(_ words: some Sequence<String>) { rest = Array(words)[...] }

    /// The next option's name; nil at the end.
    package mutating func name() throws(Refusal) -> String? {
        guard let word = rest.popFirst() else { return nil }
        guard word.hasPrefix("--") || word == "-h" else { throw Refusal("unexpected \(word)") }
        return word
    }

    /// The word after an option's name.
    package mutating func value(of name: String) throws(Refusal) -> String {
        guard let word = rest.popFirst() else { throw Refusal("\(name) needs a value") }
        return word
    }

    /// A whole number, not negative.
    package mutating func number(of name: String) throws(Refusal) -> UInt64 {
        let text = try value(of: name)
        guard let number = UInt64(text) else { throw Refusal("\(name) wants a number, not \(text)") }
        return number
    }

    /// A place, as SEED:INDEX.
    package mutating func place(of name: String) throws(Refusal) -> Place {
        let text = try value(of: name)
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { UInt64($0) }
        guard parts.count == 2, let seed = parts[0], let index = parts[1] else {
            throw Refusal("\(name) wants SEED:INDEX, not \(text)")
        }
        return (seed, index)
    }
}
