// Text as it stands in a query or a form (RFC 3986, and the HTML standard's form encoding).

enum PercentEncoding {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Everything but unreserved characters encoded; in a form, a space becomes `+`.
    static func encode(_ bytes: [UInt8], isForm: Bool = false) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.append(byte)
            case UInt8(ascii: " ") where isForm: result.append(UInt8(ascii: "+"))
            default: result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return result
    }

    /// `name=value&name=value`.
    static func pairs(_ pairs: [(name: String, value: SecretText)], isForm: Bool = false) -> [UInt8] {
        var result: [UInt8] = []
        for (name, value) in pairs {
            if !result.isEmpty { result.append(UInt8(ascii: "&")) }
            result += encode(Array(name.utf8), isForm: isForm)
            result.append(UInt8(ascii: "="))
            result += encode(value.bytes, isForm: isForm)
        }
        return result
    }
}
