// Names of hosts as DNS, TLS and mail know them: letters beyond ASCII become A-labels ("xn--…"), and the dot at the end of
// a name, which only says that it is whole, is no part of what a certificate or a permission names.

/// The forms that a host's name has.
package enum HostName {
    /// A name that cannot be one; the text completes "the host …" and "the domain …".
    package struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// The name in lower case and ASCII: `Bücher.example` is `xn--bcher-kva.example`.
    ///
    /// A name of ASCII alone is only put in lower case; what else may stand in it is for the caller to say.
    /// - Throws: ``Problem`` for a name that no internationalised domain name can be, with the label at fault; or where
    ///   the system lacks the library that knows the rules (IDNA 2008 as UTS 46 applies it, without the old transition).
    package static func ascii(_ name: String) throws(Problem) -> String {
        if name.utf8.allSatisfy({ $0 < 0x80 }) { return name.lowercased() }
        let library: InternationalNames
        switch InternationalNames.shared {
        case .success(let found): library = found
        case .failure(let problem): throw problem
        }
        switch library.lookup(name) {
        case .success(let converted):
            // Some characters stand for ASCII ones: none of them may bring a slash or an "@" into a host.
            if let odd = converted.unicodeScalars.first(where: { !isPlain($0) }) {
                throw Problem(description: "comes to hold \"\(odd)\", which no name has: \"\(shown(name[...]))\"")
            }
            return converted.lowercased()
        case .failure(let reason):
            throw Problem(description: description(of: reason, in: name, library))
        }
    }

    /// The name without the dot at its end: what certificates, SNI and permissions call the host.
    package static func withoutFinalDot(_ name: some StringProtocol) -> String {
        String(name.hasSuffix(".") ? name.dropLast() : name[...])
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "0"..."9", "A"..."Z", "a"..."z", "-", ".", "_": true
        default: false
        }
    }

    /// Names the label at fault, where one by itself is.
    private static func description(
        of reason: InternationalNames.Refusal, in name: String, _ library: InternationalNames
    ) -> String {
        for label in name.split(whereSeparator: { ".。．｡".contains($0) }) {
            guard case .failure(let why) = library.lookup(String(label)) else { continue }
            return
                "has the label \"\(shown(label))\", which no domain name may have (\(why.text)); where it is in use "
                + "all the same, write the form that begins with xn--"
        }
        return "is no domain name (\(reason.text))"
    }

    /// On one line, and short: what cannot be seen by its code point.
    private static func shown(_ label: Substring) -> String {
        var text = ""
        for scalar in label.unicodeScalars.prefix(63) {
            switch scalar.properties.generalCategory {
            case .control, .format, .unassigned, .privateUse, .surrogate, .lineSeparator, .paragraphSeparator,
                .spaceSeparator:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                text += "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
