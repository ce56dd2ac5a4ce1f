// A client on a fault server, with pauses so short that no test waits for them.

import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import OneShotPay

enum Live {
    static let secret = "api-s3cret"

    static func configuration(
        _ server: FaultServer, _ change: (inout OneShotPayConfiguration) -> Void = { _ in }
    ) -> OneShotPayConfiguration {
        var configuration = OneShotPayConfiguration()
        configuration.baseURL = "http://127.0.0.1:\(server.port)"
        configuration.retry.baseDelay = .milliseconds(1)
        configuration.retry.maximumDelay = .milliseconds(2)
        configuration.retry.maximumAttempts = 4
        configuration.pollingRate = 1_000
        configuration.maximumIdleAge = .seconds(60)  // a slow machine must not look like a server that closes
        change(&configuration)
        return configuration
    }

    /// Runs `body` with a client, and shuts everything down afterwards.
    static func with<Result: Sendable>(
        _ server: FaultServer, _ change: (inout OneShotPayConfiguration) -> Void = { _ in },
        _ body: (OneShotPayClient) async throws -> Result
    ) async throws -> Result {
        let client = try OneShotPayClient(
            configuration: configuration(server, change), credentials: Credentials(userID: "merchant", apiToken: secret)
        )
        do {
            let result = try await body(client)
            await client.shutdown()
            await server.stop()
            return result
        } catch {
            await client.shutdown()
            await server.stop()
            throw error
        }
    }

    static var terms: CreatePayLink {
        CreatePayLink(amount: Money(microUSDC: 12_500_000), description: "Order 1001")
    }

    static var id: PayLinkID { PayLinkID(Sample.id) ?? PayLinkID(high: 0, low: 0) }

    /// Fetches the sample link, which must succeed.
    static func expectLink(_ client: OneShotPayClient) async throws {
        let link = try await client.getPayLink(id)
        #expect(link.id == id)
    }

    /// The failure of `body`.
    static func failure<Value>(_ body: () async throws(OneShotPayError) -> Value) async -> OneShotPayError? {
        do throws(OneShotPayError) {
            _ = try await body()
            Issue.record("the call should have failed")
            return nil
        } catch {
            return error
        }
    }

    /// The failure of a create.
    static func createFailure(_ client: OneShotPayClient, _ terms: CreatePayLink = terms) async -> OneShotPayError? {
        await failure { () async throws(OneShotPayError) in try await client.createPayLink(terms) }
    }

    /// The failure of a get.
    static func getFailure(_ client: OneShotPayClient) async -> OneShotPayError? {
        await failure { () async throws(OneShotPayError) in try await client.getPayLink(id) }
    }
}
