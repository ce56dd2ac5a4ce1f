// json.encode and json.decode: between JSON text and encoded Lua values, with no tree in between.

import LuaRuntime
import OneShotPay

extension ScriptHost {
    /// Arguments: text. Gives the value; or nil and what is wrong where.
    func answerDecode(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        guard let bytes = arguments.bytes() else { return reply.null() }
        // The whole text is checked before the first value is written: a reply cannot be taken back.
        var check = JSONReader(bytes, maximumDepth: 100)
        do throws(JSONError) {
            while try check.next() != .end {}
        } catch {
            reply.null()
            reply.string("line \(error.line), column \(error.column): \(error.message)")
            return
        }
        var reader = JSONReader(bytes, maximumDepth: 100)
        while let token = try? reader.next(), token != .end {
            switch token {
            case .beginObject: reply.beginMap()
            case .beginArray: reply.beginArray()
            case .endObject, .endArray: reply.end()
            case .key, .string: reply.string(reader.text)
            case .number:
                if let integer = reader.int64 { reply.integer(integer) } else { reply.number(reader.double ?? .nan) }
            case .bool(let flag): reply.boolean(flag)
            case .null: reply.nullSentinel()
            case .end: break
            }
        }
    }

    /// Arguments: value, indented. Gives the text; or nil and what cannot be written.
    func answerEncode(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        guard let value = arguments.value() else { return reply.null() }
        let writer = JSONWriter()
        do throws(JSONEncodingProblem) {
            try JSONEncoding.write(value, to: writer, path: "")
            reply.string(writer.bytes)
        } catch {
            reply.null()
            reply.string(error.message)
        }
    }
}

struct JSONEncodingProblem: Error {
    var message: String
}

enum JSONEncoding {
    static func write(_ value: LuaValue, to writer: JSONWriter, path: String) throws(JSONEncodingProblem) {
        switch value {
        case .null, .nullSentinel: writer.null()
        case .boolean(let flag): writer.bool(flag)
        case .integer(let number): writer.int(number)
        case .number(let number):
            guard writer.double(number) else {
                throw JSONEncodingProblem(message: "JSON has no form for \(number)\(at(path))")
            }
        case .string(let text): writer.string(text)
        case .bytes:
            throw JSONEncodingProblem(message: "a string\(at(path)) is not valid UTF-8")
        case .box(let micro): writer.string(Money(microUSDC: micro).description)
        case .array(let values):
            writer.beginArray()
            for (index, element) in values.enumerated() {
                try write(element, to: writer, path: "\(path)[\(index + 1)]")
            }
            writer.endArray()
        case .table(let entries):
            writer.beginObject()
            for (key, element) in try sorted(entries, path) {
                writer.key(key)
                try write(element, to: writer, path: path.isEmpty ? key : "\(path).\(key)")
            }
            writer.endObject()
        case .task: throw JSONEncodingProblem(message: "a task\(at(path)) cannot be written as JSON")
        }
    }

    /// Entries by key, so that the same table always gives the same text.
    private static func sorted(
        _ entries: [(key: LuaValue, value: LuaValue)], _ path: String
    ) throws(JSONEncodingProblem) -> [(String, LuaValue)] {
        var named: [(String, LuaValue)] = []
        named.reserveCapacity(entries.count)
        for (key, value) in entries {
            guard case .string(let name) = key else {
                throw JSONEncodingProblem(
                    message:
                        "a table\(at(path)) has keys other than strings, or an array with holes; JSON has no form for it"
                )
            }
            named.append((name, value))
        }
        return named.sorted { $0.0 < $1.0 }
    }

    private static func at(_ path: String) -> String { path.isEmpty ? "" : " (at \(path))" }
}
