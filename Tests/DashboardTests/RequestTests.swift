// What a request to the dashboard says: its address, its form, its languages, its token.

import Pages
import Testing

@testable import Dashboard

@Suite struct RequestTests {
    @Test(arguments: [
        ("", DashboardRoute.page(.today)), ("links", .page(.links)), ("links/17", .page(.link(17))),
        ("doubt", .page(.doubt)),
        ("jobs", .page(.jobs)), ("jobs/3", .page(.run(3))), ("times", .page(.times)), ("events", .events),
        ("live.js", .script),
        ("style.css", .style), ("act", .act),
    ])
    func findsTheRoute(_ path: String, _ route: DashboardRoute) {
        #expect(DashboardRoute(path[...]) == route)
        if case .page(let page) = route { #expect(page.path == path) }
    }

    @Test(arguments: [
        "links/", "links/0", "links/-1", "links/x", "links/1/2", "/", "LINKS", "jobs/99999999999999999999", "../x",
        "live.js/",
    ])
    func knowsNoOther(_ path: String) { #expect(DashboardRoute(path[...]) == nil) }

    @Test(arguments: ["", "a b", "größe", "50%", "a&b=c+d", "\u{1F600}", "%41", "'\"<>"])
    func aFieldSurvivesItsWay(_ text: String) {
        let fields = FormFields("before=1&q=\(FormFields.encoded(text))&state=")
        #expect(fields["q"] == (text.isEmpty ? nil : text))
        #expect(fields["before"] == "1" && fields["state"] == nil && fields["none"] == nil)
    }

    @Test(arguments: [
        ("q=a+b", "a b"), ("q=%zz", "%zz"), ("q=%+4", "% 4"), ("q=%4", "%4"), ("q=%", "%"), ("q=1=2", "1=2"),
        ("q=x&q=y", "x"),
        ("q=%C3", "\u{FFFD}"),
    ])
    func damagedFieldsAreTakenAsTheyStand(_ query: String, _ value: String) { #expect(FormFields(query)["q"] == value) }

    @Test(arguments: [
        (nil, PageLanguage.english), ("", .english), ("tr", .turkish), ("es-MX", .spanish),
        ("fr, es;q=0.5, en;q=0.9", .english),
        ("de;q=1, tr;q=0.2", .turkish), ("es;q=0, de", .english), ("en;q=0.3,es;q=0.8", .spanish), ("*", .english),
        (";;;,,q=", .english), ("ES", .spanish),
    ])
    func takesTheFirstLanguageThatItHas(_ header: String?, _ language: PageLanguage) {
        #expect(AcceptedLanguage.of(header) == language)
    }

    @Test func aTokenIsLongAndIsOnlyItself() {
        let tokens = (0..<100).map { _ in AccessToken() }
        #expect(Set(tokens.map(\.text)).count == 100)
        #expect(tokens.allSatisfy { $0.text.count == 32 && $0.text.allSatisfy(\.isHexDigit) })
        let token = tokens[0]
        #expect(token.isSame(as: token.text))
        #expect(
            !token.isSame(as: "") && !token.isSame(as: token.text.dropLast()) && !token.isSame(as: token.text + "0"))
        #expect(!token.isSame(as: tokens[1].text) && !token.isSame(as: token.text.uppercased() + "x"))
    }
}
