// A Lua value as JSON text where it may hold secrets, as the option json of http has it. json.encode and json.decode are
// C (lh_json_write.c, lh_json_read.c); the texts are the same.

import JSON
import LuaRuntime
import OneShotPay

struct JSONEncodingProblem: Error {
    var message: String
    /// Where in the value, such as "items[2].price".
    var path = ""

    func inside(_ step: String) -> JSONEncodingProblem {
        let joined = path.isEmpty || path.hasPrefix("[") ? step + path : "\(step).\(path)"
        return JSONEncodingProblem(message: message, path: joined)
    }
}

enum JSONEncoding {
    /// What a secret becomes; `nil`: it cannot be written.
    typealias Reveal = (inout LuaReader) -> [UInt8]?

    /// Writes one value straight from its encoded form: no tree, and never more text than `limit` bytes.
    static func write(
        _ reader: inout LuaReader, to writer: JSONWriter, limit: Int, reveal: Reveal? = nil
    ) throws(JSONEncodingProblem) {
        guard writer.bytes.count <= limit else {
            throw JSONEncodingProblem(message: "the text would be larger than the memory limit")
        }
        switch reader.kind {
        case .array: try writeArray(&reader, to: writer, limit: limit, reveal)
        case .map: try writeObject(&reader, to: writer, limit: limit, reveal)
        case .string:
            guard let text = reader.string() else { throw JSONEncodingProblem(message: "a string is not valid UTF-8") }
            writer.string(text)
        case .secret:
            guard let bytes = reveal?(&reader) else {
                throw JSONEncodingProblem(
                    message: "a secret cannot be written as JSON text; the option json of http takes it")
            }
            writer.string(String(decoding: bytes, as: UTF8.self))
        default:
            switch reader.value() {
            case .boolean(let flag)?: writer.bool(flag)
            case .integer(let number)?: writer.int(number)
            case .number(let number)?:
                // Where a whole number beyond 64 bits stood in the script, this is no longer that number.
                guard number.magnitude < 0x1p63 || !number.isFinite || keepsItsDigits(number) else {
                    throw JSONEncodingProblem(
                        message:
                            "\(number) is a whole number beyond 64 bits that was rounded to a float; give it as a string"
                    )
                }
                guard writer.double(number) else {
                    throw JSONEncodingProblem(message: "JSON has no form for \(number)")
                }
            case .box(let micro)?: writer.string(Money(microUSDC: micro).description)
            case .task?: throw JSONEncodingProblem(message: "a task cannot be written as JSON")
            default: writer.null()
            }
        }
    }

    /// Up to 15 digits two numbers are two doubles.
    private static func keepsItsDigits(_ number: Double) -> Bool {
        number.description.prefix { $0 != "e" }.filter(\.isNumber).count <= 15
    }

    private static func writeArray(
        _ reader: inout LuaReader, to writer: JSONWriter, limit: Int, _ reveal: Reveal?
    ) throws(JSONEncodingProblem) {
        _ = reader.enter()
        writer.beginArray()
        var index = 1
        while let kind = reader.kind, kind != .end {
            do throws(JSONEncodingProblem) {
                try write(&reader, to: writer, limit: limit, reveal: reveal)
            } catch {
                throw error.inside("[\(index)]")
            }
            index += 1
        }
        reader.leave()
        writer.endArray()
    }

    /// Entries by key, so that the same table always gives the same text.
    private static func writeObject(
        _ reader: inout LuaReader, to writer: JSONWriter, limit: Int, _ reveal: Reveal?
    ) throws(JSONEncodingProblem) {
        _ = reader.enter()
        var entries: [(key: String, value: LuaReader)] = []
        while let kind = reader.kind, kind != .end {
            guard let key = reader.string() else {
                throw JSONEncodingProblem(
                    message: "a table has keys other than strings, or an array with holes; JSON has no form for it")
            }
            entries.append((key, reader))
            guard reader.skip() else { break }
        }
        reader.leave()
        entries.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        writer.beginObject()
        for index in entries.indices {
            writer.key(entries[index].key)
            do throws(JSONEncodingProblem) {
                try write(&entries[index].value, to: writer, limit: limit, reveal: reveal)
            } catch {
                throw error.inside(entries[index].key)
            }
        }
        writer.endObject()
    }
}
