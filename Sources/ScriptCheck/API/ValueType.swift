// Which values a type of the description takes, in the words of the runtime.

extension APIDescription.ValueType {
    /// Whether a value may be of this type; what is not known may be.
    func accepts(_ known: Known) -> Bool {
        switch known {
        case .unknown, .nothing, .instance: return true
        case .nil: return self == .any
        case .boolean: return self == .any || self == .boolean
        case .integer: return [.any, .integer, .number, .duration, .amount].contains(self)
        case .number: return [.any, .number, .duration, .amount].contains(self)
        case .string: return [.any, .string, .duration, .amount, .text, .link].contains(self)
        case .table, .module: return [.any, .table, .link].contains(self)
        case .function, .callable: return self == .any || self == .function
        }
    }

    var shown: String {
        switch self {
        case .duration: "a duration (\"90s\", \"15m\") or a number of seconds"
        case .amount: "an amount (a decimal string such as \"12.50\", an integer, or paylink.usd(…))"
        case .link: "a link or its id"
        case .text: "a string or a secret"
        case .integer: "an integer"
        case .any: "a value"
        default: "a \(rawValue)"
        }
    }
}

extension APIDescription.Rule {
    func accepts(_ known: Known) -> Bool {
        if type == .any, !types.isEmpty {
            return known == .nil ? !isRequired : types.contains { $0.accepts(known) }
        }
        return type.accepts(known)
    }

    var isAnything: Bool { type == .any && types.isEmpty }

    /// What the value must be, for a message.
    var wanted: String {
        types.isEmpty ? type.shown : types.map(\.shown).joined(separator: " or ")
    }
}

extension Known {
    var shown: String {
        switch self {
        case .nil: "nil"
        case .boolean: "a boolean"
        case .integer: "an integer"
        case .number: "a number"
        case .string: "a string"
        case .table, .module: "a table"
        case .function, .callable: "a function"
        case .instance: "a value of the host"
        case .nothing, .unknown: "a value"
        }
    }
}
