// Two values under one name in one table: the first is lost.

enum RepeatedKeys {
    static func check(_ script: Script, _ findings: inout [Finding]) {
        for expression in script.syntax.expressions {
            guard case .table(let list) = expression.kind, list.count > 1 else { continue }
            var seen: Set<Symbol> = []
            for field in script.syntax.fields[list.range] {
                guard let key = field.key, let name = script.syntax.string(key), !seen.insert(name).inserted else {
                    continue
                }
                findings.append(
                    Finding(
                        severity: .warning, code: .repeatedKey, offset: script[key].start,
                        message: "'\(script.text(name))' is there twice: the first value is lost"))
            }
        }
    }
}
