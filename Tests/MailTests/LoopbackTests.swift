// A server that counts as this machine by its name, and is somewhere else by its address: nothing is said to it.

import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import Mail

@Suite struct LoopbackTests {
    /// Another address of this machine; `nil` where it has none.
    private static var outerAddress: SocketAddress? {
        let devices = (try? System.enumerateDevices()) ?? []
        return devices.lazy.compactMap(\.address).first {
            $0.protocol == .inet && $0.ipAddress?.hasPrefix("127.") == false
        }
    }

    @Test(.enabled(if: outerAddress != nil, "this machine has no address but the loopback's"))
    func whatIsNotOnThisMachineIsToldNothingUnprotected() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let address = try #require(Self.outerAddress?.ipAddress)
        let listener = try await ServerBootstrap(group: loop)
            .childChannelInitializer { channel in
                channel.writeAndFlush(ByteBuffer(string: "220 hi\r\n"))
            }
            .bind(host: address, port: 0).get()
        let port = try #require(listener.localAddress?.port)
        let result = try await loop.flatSubmit {
            let promise = loop.makePromise(of: Result<MailReceipt, MailFailure>.self)
            do {
                let mail = try MessageTests.mail()
                let server = SMTPServer(host: address, port: port, security: .loopback)
                let envelope = try SMTPEnvelope(mail, message: mail.compose(), server: server, password: nil)
                _ = SMTPSender(eventLoop: loop).send(envelope) { promise.succeed($0) }
            } catch {
                promise.fail(error)
            }
            return promise.futureResult
        }.get()
        guard case .failure(let failure) = result else {
            Issue.record("it was sent")
            return
        }
        #expect(failure.code == .failed && failure.message.contains("not on this machine"), "\(failure.message)")
        try await listener.close()
    }
}
