// Which requests another site could have made a browser send.

import LocalServer
import Testing

@Suite struct OriginGuardTests {
    private func refusal(
        host: String?, origin: String? = nil, site: String? = nil, changes: Bool = true
    ) -> OriginGuard.Problem? {
        do throws(OriginGuard.Problem) {
            try OriginGuard(names: ["pay.test:8443"]).check(
                host: host, origin: origin, fetchSite: site, changes: changes)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        "127.0.0.1:80", "localhost", "LOCALHOST:1", "a.localhost:3", "[::1]:80", "10.0.0.4:9", "pay.test:8443",
    ])
    func answersToAddressesAndItsOwnNames(host: String) {
        #expect(refusal(host: host) == nil)
        #expect(refusal(host: host, origin: "http://\(host)", site: "same-origin") == nil)
    }

    @Test(arguments: [
        nil, "", "evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example", "1.2.3",
    ])
    func refusesForeignHosts(host: String?) {
        #expect(refusal(host: host, changes: false) == .foreignHost)
    }

    @Test(arguments: ["http://evil.example", "null", "http://127.0.0.1:81", "http://localhost:80", ""])
    func refusesChangesFromForeignOrigins(origin: String) {
        #expect(refusal(host: "127.0.0.1:80", origin: origin) == .foreignOrigin)
        #expect(refusal(host: "127.0.0.1:80", origin: origin, changes: false) == nil)
    }

    @Test(arguments: ["cross-site", "same-site"])
    func refusesChangesThatABrowserCallsCrossSite(site: String) {
        #expect(refusal(host: "127.0.0.1:80", site: site) == .foreignOrigin)
    }
}
