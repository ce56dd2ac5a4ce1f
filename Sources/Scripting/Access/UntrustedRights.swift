// What is left to a script that runs untrusted: computing, its arguments, standard output, and links of its own. Which
// operations that leaves is said where each is defined (Operation.untrusted); of links it is granted what
// `RecordedLinks.isOwnOnly` lets through.

import Advice

/// What messages say of scripts that run untrusted.
package enum UntrustedScript {
    static func refusal(_ what: String, _ words: AdviceWords) -> String {
        "\(what) is not for this script: it runs \(words(.untrusted)), which leaves it computing, its arguments, "
            + "standard output and \(words(.linksOfItsOwn))"
    }
}
