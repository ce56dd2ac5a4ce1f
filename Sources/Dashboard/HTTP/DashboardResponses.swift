// Answers, with headers that keep a page's content in and everything else out.

import HTTPTypes
import HummingbirdCore
import NIOCore
import Pages

extension HTTPFields {
    /// Nothing but the dashboard's own style, script and requests; in no frame; told to nobody; kept nowhere.
    static func guarded(_ contentType: String) -> HTTPFields {
        var fields = HTTPFields()
        fields[.contentType] = contentType
        fields[.cacheControl] = "no-store"
        fields[.contentSecurityPolicy] =
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; "
            + "base-uri 'none'; frame-ancestors 'none'"
        fields[.xContentTypeOptions] = "nosniff"
        for (name, value) in [
            // Not "no-referrer": with that a browser says of its own page's form that it comes from "null".
            ("Referrer-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"), ("X-Frame-Options", "DENY"),
        ] {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        return fields
    }
}

extension Response {
    static func page(_ bytes: ByteBuffer, status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: .guarded("text/html; charset=utf-8"), body: ResponseBody(byteBuffer: bytes))
    }

    static func plain(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status, headers: .guarded("text/plain; charset=utf-8"),
            body: ResponseBody(byteBuffer: ByteBuffer(string: text.isEmpty ? "" : text + "\n")))
    }

    static func asset(_ text: String, _ contentType: String) -> Response {
        Response(status: .ok, headers: .guarded(contentType), body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}

enum AcceptedLanguage {
    /// The first of the service's languages that a browser asks for; English where it asks for none.
    static func of(_ header: String?) -> PageLanguage {
        let asked = (header ?? "").split(separator: ",").prefix(20).enumerated().map { index, item in
            let parts = item.split(separator: ";")
            let weight = parts.dropFirst().first.flatMap { Double($0.drop { $0 != "=" }.dropFirst()) } ?? 1
            let tag = (parts.first ?? "").filter { $0 != " " }.prefix { $0 != "-" }.lowercased()
            return (tag: tag, weight: weight, index: index)
        }
        let sorted = asked.sorted { $0.weight == $1.weight ? $0.index < $1.index : $0.weight > $1.weight }
        return sorted.lazy.filter { $0.weight > 0 }.compactMap { PageLanguage(rawValue: $0.tag) }.first ?? .english
    }
}
