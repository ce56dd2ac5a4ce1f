// The four places of a secret: what is accepted, what is refused, and that no refusal holds any of it.

import Foundation
import TestSupport
import Testing

@testable import Secrets

@Suite struct SecretReaderTests {
    static let secret = "s3cr3t-value"

    private func reader(_ environment: [String: String] = [:], limit: Duration = .seconds(10)) -> SecretReader {
        SecretReader(commandLimit: limit) { environment[$0] }
    }

    private func read(_ place: SecretPlace, _ environment: [String: String] = [:], limit: Duration = .seconds(10))
        -> Result<String, SecretFailure>
    {
        do throws(SecretFailure) { return .success(try reader(environment, limit: limit).read(place)) } catch {
            #expect(!error.message.contains(Self.secret), "\(error)")
            return .failure(error)
        }
    }

    /// A folder with one file in it.
    private func withFile<Value>(
        _ text: String, mode: mode_t, _ body: (_ folder: String, _ path: String) throws -> Value
    )
        throws -> Value
    {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        return try body(folder.path, try folder.write("token", text, mode: mode))
    }

    @Test(
        arguments: [
            (0o600, nil), (0o400, nil), (0o640, .looseMode), (0o604, .looseMode), (0o644, .looseMode),
            (0o620, .looseMode),
            (0o601, .looseMode),
        ] as [(mode_t, SecretFailure.Code?)])
    func aFileMustBePrivate(_ mode: mode_t, _ code: SecretFailure.Code?) throws {
        try withFile(Self.secret + "\n", mode: mode) { _, path in
            switch read(.file(path)) {
            case .success(let text): #expect(code == nil && text == Self.secret)
            case .failure(let error):
                #expect(error.code == code)
                #expect(error.message.contains("chmod 600 \(path)") && error.message.contains(String(mode, radix: 8)))
            }
        }
    }

    @Test(arguments: ["", "\n", "a\0b", String(repeating: "x", count: 70_000)])
    func whatIsNoSecretIsRefused(_ text: String) throws {
        try withFile(text, mode: 0o600) { _, path in
            guard case .failure(let error) = read(.file(path)) else { return #expect(Bool(false), "accepted") }
            #expect(error.code == .unreadable && error.message.contains(path))
        }
    }

    @Test func aLinkIsJudgedByWhatItLeadsTo() throws {
        try withFile(Self.secret, mode: 0o644) { folder, path in
            symlink(path, folder + "/link")
            guard case .failure(let error) = read(.file(folder + "/link")) else { return #expect(Bool(false)) }
            #expect(error.code == .looseMode)
            chmod(path, 0o600)
            #expect(read(.file(folder + "/link")) == .success(Self.secret))
        }
    }

    @Test func aFolderOrAPipeIsRefusedAtOnce() throws {
        try withFile("", mode: 0o600) { folder, _ in
            mkfifo(folder + "/pipe", 0o600)
            for path in [folder, folder + "/pipe"] {
                guard case .failure(let error) = read(.file(path)) else { return #expect(Bool(false)) }
                #expect(error.code == .unreadable)
            }
        }
    }

    @Test func aCredentialMayBeReadByTheServicesGroupButNotByOthers() throws {
        try withFile(Self.secret, mode: 0o440) { folder, path in
            let environment = ["CREDENTIALS_DIRECTORY": folder]
            #expect(read(.credential("token"), environment) == .success(Self.secret))
            chmod(path, 0o444)
            guard case .failure(let error) = read(.credential("token"), environment) else {
                return #expect(Bool(false))
            }
            #expect(error.code == .looseMode)
            guard case .failure(let none) = read(.credential("other"), environment) else { return #expect(Bool(false)) }
            #expect(none.code == .notFound)
            guard case .failure(let outside) = read(.credential("../x"), environment) else {
                return #expect(Bool(false))
            }
            #expect(outside.code == .unreadable)
        }
    }

    @Test func aVariableIsReadByItsName() {
        #expect(read(.environment("A"), ["A": Self.secret]) == .success(Self.secret))
        guard case .failure(let error) = read(.environment("B")) else { return #expect(Bool(false)) }
        #expect(error.code == .notFound && error.message.contains("B"))
    }

    @Test func aCommandPrintsIt() {
        #expect(read(.command(["printf", "%s\n", Self.secret])) == .success(Self.secret))
        #expect(SecretReader { _ in nil }.commandLimit == .seconds(10))
        // No shell: what one would expand stays as it is.
        #expect(read(.command(["printf", "%s", "$HOME;`id`"])) == .success("$HOME;`id`"))
    }

    @Test(arguments: [
        (["sh", "-c", "echo \(secret); exit 3"], "ended with status 3"),
        (["sh", "-c", "echo \(secret); kill -9 $$"], "signal 9"),
        (["sh", "-c", "echo \(secret); exec sleep 60"], "did not end within"),
        (["sh", "-c", "exec >&-; exec sleep 60"], "did not end within"),
        (["no-such-program-here"], "could not be started"),
    ])
    func aCommandThatFailsIsNamedButNotItsOutput(_ words: [String], _ what: String) {
        guard case .failure(let error) = read(.command(words), limit: .milliseconds(500)) else {
            return #expect(Bool(false), "accepted")
        }
        #expect(error.code == .commandFailed && error.message.contains(what), "\(error)")
        #expect(error.message.contains(words[0]))
    }

    @Test func aPlaceIsShownWithoutArguments() {
        #expect("\(SecretPlace.command(["pass", Self.secret]))" == "the command pass")
    }
}
