// What the writer writes, wherever in a text or number the special thing is.

import JSON
import Testing

@Suite struct JSONWriterTests {
    private func written(_ body: (JSONWriter) -> Void) -> String {
        let writer = JSONWriter()
        body(writer)
        return writer.string
    }

    /// Eight bytes are looked at at a time: each special one at each place, alone and beside another.
    @Test(arguments: Array(0x00..<0x80) + [0xE9, 0x20AC, 0x1F600])
    func aCharacterIsEscapedWhereverItStands(code: Int) throws {
        let scalar = try #require(Unicode.Scalar(UInt32(code)))
        let special = String(Character(scalar))
        let escape: String =
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\u{8}": "\\b"
            case "\u{C}": "\\f"
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            case _ where code < 0x20: "\\u00" + (code < 16 ? "0" : "") + String(code, radix: 16)
            default: special
            }
        for place in 0..<20 {
            for second in [place + 1, place + 3, place + 8] {
                let (before, between) = (String(repeating: "a", count: place), String(repeating: "!", count: second))
                #expect(
                    written { $0.string(before + special + between + special) }
                        == "\"\(before)\(escape)\(between)\(escape)\"")
            }
        }
    }

    @Test(arguments: [0, 7, -7, 10, -10, 99, 100, 1_010_000, .max, .min, .min + 1] as [Int64])
    func anIntegerIsWrittenInFull(value: Int64) {
        #expect(written { $0.int(value) } == String(value))
        #expect(
            written {
                $0.beginArray()
                $0.int(value)
                $0.int(value)
                $0.endArray()
            } == "[\(value),\(value)]")
    }

    @Test func aPlainStringIsWrittenInPlace() {
        let text = written {
            $0.beginArray()
            $0.string("a")
            $0.plainString(of: 3) { room in for place in 0..<3 { room[place] = UInt8(ascii: "x") } }
            $0.bool(false)
            $0.null()
            $0.endArray()
        }
        #expect(text == #"["a","xxx",false,null]"#)
    }

    @Test func writesWhatTheReaderReads() throws {
        let writer = JSONWriter(capacity: 1)
        for _ in 0..<2 {
            writer.reset()
            writer.beginObject()
            writer.key("text"); writer.string("a\"\\\u{1}\n\u{1f}é😀")
            writer.key("kéy\n"); writer.beginArray(); writer.int(.min); writer.bool(true); writer.null()
            writer.beginObject(); writer.endObject();
            writer.number(upTo: 4) { room in
                room.copyBytes(from: "12.5".utf8)
                return 4
            }; writer.endArray()
            #expect(!writer.double(.nan) && !writer.double(.infinity))
            writer.key("d"); #expect(writer.double(0.1))
            writer.endObject()
        }
        #expect(
            writer.string
                == #"{"text":"a\"\\\u0001\n\u001fé😀","kéy\n":[-9223372036854775808,true,null,{},12.5],"d":0.1}"#)
        #expect(
            try JSONReaderTests.trace(writer.string)
                == "{<text>'a\"\\\u{1}\n\u{1f}é😀'<kéy\n>[#-9223372036854775808TN{}#12.5]<d>#0.1}")
    }
}
