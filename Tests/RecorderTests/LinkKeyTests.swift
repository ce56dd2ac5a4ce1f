// Which texts can be keys: two that look alike are never two orders.

import Recorder
import Testing

@Suite struct LinkKeyTests {
    @Test(arguments: ["order-1", "caf\u{E9}-1", "\u{AC00}-1", "\u{915}\u{93C}-1", "73928e03"])
    func composedKeysAreTaken(_ key: String) { #expect(LinkOrder.problem(withKey: key) == nil) }

    /// The same text in another form of Unicode would be another key, byte by byte.
    @Test(arguments: [
        ("cafe\u{301}-1", "character 4", "U+0065 (latin small letter e) U+0301"),
        ("\u{1100}\u{1161}-1", "character 1", "U+1100"), ("\u{958}-1", "character 1", "U+0958"),
        ("a\u{323}\u{307}\u{302}", "character 1", "U+0061"),
    ])
    func keysThatAreNotComposedAreNamed(_ key: String, _ place: String, _ scalars: String) throws {
        let problem = try #require(LinkOrder.problem(withKey: key))
        #expect(problem.contains(place) && problem.contains(scalars) && problem.contains("NFC"), "\(problem)")
    }
}
