// What every page of the sandbox shares: the document around it, its policy headers, the banner.
// Nothing is loaded from elsewhere but the merchant's own picture.

import Pages

/// The document around a page's content.
struct PageFrame {
    var title: String
    var locale: Route.Locale = .en
    var nonce: String
    /// Whether the page reloads now and then for those without JavaScript.
    var refreshes = false
    var banner: String
    var bodyAttributes: HTML = ""

    func around(_ content: HTML) -> HTML {
        """
        <!doctype html>
        <html lang="\(locale.rawValue)">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="robots" content="noindex">
        <title>\(title)</title>
        <link rel="icon" href="data:,">
        \(HTML.when(refreshes, "<noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript>"))
        <style nonce="\(nonce)">\(HTML(trusted: CheckoutStyle.css))</style>
        </head>
        <body \(bodyAttributes)>
        <p class="banner"><span aria-hidden="true"></span>\(banner)</p>
        \(content)
        <script nonce="\(nonce)">\(HTML(trusted: CheckoutScript.source))</script>
        </body>
        </html>

        """
    }

    /// The page as a reply, under a policy that lets nothing else in.
    static func reply(_ html: HTML, status: Int = 200, nonce: String, showsPicture: Bool = false) -> Reply {
        let pictures = showsPicture ? "data: https: http:" : "data:"
        let policy = [
            "default-src 'none'", "style-src 'nonce-\(nonce)'", "script-src 'nonce-\(nonce)'",
            "img-src \(pictures)", "connect-src 'self'", "form-action 'self'", "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
        return Reply(
            status: status,
            contentType: "text/html; charset=utf-8",
            headers: [
                ("Content-Security-Policy", policy.joined(separator: "; ")),
                ("Cache-Control", "no-store"),
                // Not no-referrer: the Pay form's own Origin header would become null.
                ("Referrer-Policy", "same-origin"),
                ("X-Content-Type-Options", "nosniff"),
                ("X-Frame-Options", "DENY"),
            ],
            body: Array(html.text.utf8)
        )
    }

    /// A fresh nonce for the policy: 128 random bits.
    static func makeNonce() -> String {
        var random = SystemRandomNumberGenerator()
        return String(random.next(), radix: 36) + String(random.next(), radix: 36)
    }

    /// Shown where there is no picture, and behind one that does not load.
    static let placeholder: HTML = """
        <svg class="stand-in" viewBox="0 0 120 120" aria-hidden="true">\
        <path d="M32 22h56v78l-9.3-6-9.3 6-9.4-6-9.3 6-9.4-6-9.3 6z"/>\
        <path d="M45 42h30M45 56h30M45 70h17"/></svg>
        """
}
