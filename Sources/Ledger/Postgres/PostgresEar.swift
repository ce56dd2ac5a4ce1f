// Hears at once what others have recorded: a session of its own that listens. Behind it stands the poll of whoever listens, so
// nothing is lost where it hears nothing.

import CPostgres
import Glibc
import Synchronization

/// A thread that waits for notifications, and makes its session again when it breaks.
final class PostgresEar: Sendable {
    /// Of all ledgers in a database.
    static let topic = "paylink"
    /// The account that a notification is about, as it names it.
    static func name(of scope: LedgerScope) -> String { "\(scope.account)@\(scope.baseURL)" }

    private let isClosed = Atomic<Bool>(false)

    init(
        _ address: PostgresAddress, _ library: PostgresLibrary, _ scope: LedgerScope?,
        _ heard: @escaping @Sendable (LedgerNews) -> Void
    ) {
        let listener = Listener(self, address, library, scope.map(Self.name), heard)
        var thread = pthread_t()
        let context = Unmanaged.passRetained(listener)
        let failed = pthread_create(
            &thread, nil,
            { argument in
                // Safe because: it was retained for this thread alone.
                Unmanaged<Listener>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        if failed == 0 { pthread_detach(thread) } else { context.release() }
    }

    /// The thread ends within a second.
    func close() { isClosed.store(true, ordering: .relaxed) }

    private final class Listener {
        private weak var ear: PostgresEar?
        private let address: PostgresAddress
        private let library: PostgresLibrary
        private let name: String?
        private let heard: @Sendable (LedgerNews) -> Void

        init(
            _ ear: PostgresEar, _ address: PostgresAddress, _ library: PostgresLibrary, _ name: String?,
            _ heard: @escaping @Sendable (LedgerNews) -> Void
        ) {
            self.ear = ear
            self.address = address
            self.library = library
            self.name = name
            self.heard = heard
        }

        private var goesOn: Bool { ear.map { !$0.isClosed.load(ordering: .relaxed) } ?? false }

        func run() {
            while goesOn {
                if let connection = try? PostgresConnection.open(address, library, until: .now + .seconds(5)),
                    (try? connection.execute("LISTEN \(PostgresEar.topic)", until: .now + .seconds(5))) != nil
                {
                    // What was told while nobody listened.
                    heard(LedgerNews())
                    while goesOn, let news = connection.wait(for: .seconds(1), of: name) {
                        if let news { heard(news) }
                    }
                }
                if goesOn { usleep(500_000) }
            }
        }
    }
}

extension PostgresConnection {
    /// Waits for notifications about an account.
    /// - Returns: what there was, if anything; `nil` when the session is broken.
    fileprivate func wait(for limit: Duration, of name: String?) -> LedgerNews?? {
        guard let texts = notifications(within: limit) else { return nil }
        var news: LedgerNews?
        for text in texts {
            let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, name == nil || parts[0] == name.map({ Substring($0) }) else { continue }
            var all = news ?? LedgerNews()
            all.add(LedgerNews(text: parts[1]))
            news = all
        }
        return .some(news)
    }
}
