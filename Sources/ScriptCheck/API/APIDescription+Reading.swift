// A description as text: one fact a line, its words separated by tabs. Written by describe.lua of Scripting.
//
//     global NAME                         module NAME · library NAME (unknown members are nil)
//     member MODULE NAME                  refused NAME REASON (a global, or module.name)
//     probe NAME ADVICE                   function NAME ATTRIBUTE…
//     parameter NAME TYPE ATTRIBUTE…      option NAME TYPE ATTRIBUTE…      (of the function before)
//     class NAME [strict]                 field CLASS NAME
//     gives FUNCTION CLASS…               guard FUNCTION (calls what it is given, as pcall does)
//
// Attributes: optional, required, options, raises, above_zero, not_empty, named, types=type|type, one_of=a|b, content_of=a|b, range=least..most, fields=a|b,
// items=a|b, callback=class|class; of a function gives=class|class, each=class|class, conflict=a|b. In values `\s` is a
// semicolon, `\p` a bar and `\t` a tab.

extension APIDescription {
    /// A line that says nothing known.
    package struct MalformedLine: Error, Equatable {
        package var number: Int
        package var text: String
    }

    /// Reads a description.
    ///
    /// - Throws: ``MalformedLine`` for the first line that is none of it.
    package init(parsing text: String) throws(MalformedLine) {
        self.init()
        var reader = DescriptionReader()
        var number = 0
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            if line.isEmpty { continue }
            let words = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard reader.read(words, into: &self) else { throw MalformedLine(number: number, text: String(line)) }
        }
        reader.finish(&self)
    }
}

private struct DescriptionReader {
    private var function: APIDescription.Function?

    mutating func read(_ words: [String], into api: inout APIDescription) -> Bool {
        guard words.count >= 2 else { return false }
        let name = words[1]
        switch words[0] {
        case "global": api.globals.insert(name)
        case "guard": api.guards.insert(name)
        case "probe": api.probes[name] = words.count > 2 ? words[2] : ""
        case "library": api.modules[name, default: APIDescription.Module()].isStrict = false
        case "module": api.modules[name, default: APIDescription.Module()].isStrict = true
        case "member" where words.count == 3: api.modules[name]?.members.insert(words[2])
        case "refused" where words.count == 3:
            let parts = name.split(separator: ".").map(String.init)
            if parts.count == 2 {
                api.modules[parts[0]]?.refused[parts[1]] = words[2]
            } else {
                api.refusedGlobals[name] = words[2]
            }
        case "class": api.classes[name, default: APIDescription.Class()].isStrict = words.contains("strict")
        case "field" where words.count == 3: api.classes[name]?.fields.insert(words[2])
        case "gives":
            let unknown = APIDescription.Function(name: name, takesAnything: true)
            api.functions[name, default: unknown].gives = Array(words[2...])
        case "function":
            finish(&api)
            function = APIDescription.Function(name: name)
            return words[2...].allSatisfy { readFunction($0) }
        case "parameter", "option":
            guard words.count >= 3, let type = APIDescription.ValueType(rawValue: words[2]) else { return false }
            return readValue(words, type)
        default: return false
        }
        return true
    }

    /// Keeps the function that has been read, as a member of its module or class, too.
    mutating func finish(_ api: inout APIDescription) {
        guard let function else { return }
        api.functions[function.name] = function
        if let dot = function.name.firstIndex(of: ".") {
            let member = String(function.name[function.name.index(after: dot)...])
            api.modules[String(function.name[..<dot])]?.members.insert(member)
        } else if !function.name.contains(":") {
            api.globals.insert(function.name)
        }
        self.function = nil
    }

    private mutating func readFunction(_ attribute: String) -> Bool {
        let (key, values) = Self.parts(attribute)
        switch key {
        case "gives": function?.gives = values
        case "each": function?.each = values
        case "conflict": function?.conflicts.append(values)
        default: return false
        }
        return true
    }

    private mutating func readValue(_ words: [String], _ type: APIDescription.ValueType) -> Bool {
        let isOption = words[0] == "option"
        var rule = APIDescription.Rule(type: type, isRequired: !isOption && words[1] != "...")
        var isOptions = false
        for attribute in words[3...] {
            let (key, values) = Self.parts(attribute)
            switch key {
            case "optional": rule.isRequired = false
            case "required": rule.isRequired = true
            case "options": isOptions = true
            case "raises": rule.raises = true
            case "above_zero": rule.isAboveZero = true
            case "not_empty": rule.isNotEmpty = true
            case "named": rule.isNamed = true
            case "types":
                rule.types = values.compactMap(APIDescription.ValueType.init(rawValue:))
                guard rule.types.count == values.count else { return false }
            case "one_of": (rule.texts, rule.raises) = (values, true)
            case "content_of": rule.texts = values
            case "fields": (rule.fields, rule.isNamed) = (values, true)
            case "items": rule.itemFields = values
            case "callback": rule.callback = values
            case "range":
                let bounds = attribute.dropFirst("range=".count).split(separator: ".", omittingEmptySubsequences: false)
                guard bounds.count == 3, let least = Int64(bounds[0]) else { return false }
                (rule.least, rule.most) = (least, Int64(bounds[2]))
            default: return false
            }
        }
        if isOption {
            function?.options.append(APIDescription.Option(name: words[1], rule: rule))
        } else {
            function?.parameters.append(APIDescription.Parameter(name: words[1], rule: rule, isOptions: isOptions))
        }
        return function != nil
    }

    private static func parts(_ attribute: String) -> (key: String, values: [String]) {
        guard let equals = attribute.firstIndex(of: "=") else { return (attribute, []) }
        let values = attribute[attribute.index(after: equals)...].split(
            separator: "|", omittingEmptySubsequences: false)
        return (String(attribute[..<equals]), values.map { plain(String($0)) })
    }

    /// The text without its escapes.
    private static func plain(_ value: String) -> String {
        switch value {
        case "\\s": ";"
        case "\\p": "|"
        case "\\t": "\t"
        default: value
        }
    }
}
