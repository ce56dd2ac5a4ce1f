// What helps, as the command line calls it: in its words for each case, and in what a run says.

import Advice
import TestSupport
import Testing

@testable import paylink

@Suite struct CommandAdviceTests {
    static let words: [(Advice, String)] = [
        (.reading, "--allow-read=DIR"), (.writing(nil), "--allow-write=DIR"), (.writing("out"), "--allow-write=out"),
        (.reaching("a.example:443"), "--allow-net=a.example:443"), (.running("sort"), "--allow-run=sort"),
        (.mailing("a@b.example"), "--allow-mail=a@b.example"), (.untrusted, "with --untrusted"),
        (.linksOfItsOwn, "--max-links links"), (.halfAWall, "--isolation half"), (.linkLimit, "--max-links"),
        (.sumLimit, "--max-total"),
        (.settle(key: "k", .link("3f")), "paylink ledger doubt resolve k --link 3f"),
        (.settle(key: "k", .anyOfLink), "paylink ledger doubt resolve k --link ID, --retry or --abandon"),
        (.settle(key: "k", .anyOfEffect), "paylink ledger doubt resolve k --happened, --retry or --abandon"),
        (.settle(key: "k", .retry), "paylink ledger doubt resolve k --retry"),
        (.retryingEffect, "paylink ledger doubt resolve KEY --retry"), (.doubtList, "paylink ledger doubt list"),
        (.watch(script: nil), "paylink watch"), (.watch(script: "a.lua"), "paylink watch a.lua"),
        (.thisWatch, "`paylink watch`"), (.ledger(.any), "give a file with --ledger or PAYLINK_LEDGER"),
        (.ledger(.another), "give another file with --ledger or PAYLINK_LEDGER"),
        (.ledger(.onLocalDisk), "give a file on a local disk with --ledger or PAYLINK_LEDGER"),
        (.ledger(.existing), "name it with --ledger or PAYLINK_LEDGER"),
        (.credentials, "set ONESHOT_USER_ID and ONESHOT_API_TOKEN, or try it with --sandbox"),
        (.mailServer, "set PAYLINK_MAIL_SERVER (smtps://USER@HOST:465, or sendmail), or name a server"),
        (.settingsFile, "use --config"),
    ]

    @Test(arguments: words)
    func namesOptionsAndCommands(_ advice: Advice, _ words: String) {
        #expect(AdviceWords.commands(advice) == words)
    }

    /// The words reach whoever runs a script, by each way that they are handed down.
    @Test(
        arguments: [
            (
                [], "print(select(2, io.open('/etc/hostname')))",
                "/etc/hostname is outside of the script's folder and the working directory; --allow-read=DIR allows it"
            ),
            (
                [], "print(select(2, io.open('/usr/x', 'w')))",
                "/usr/x is outside of the script's folder and the working directory; --allow-write=DIR allows it"
            ),
            (
                [], "print(select(2, io.open('x.lua', 'w')))",
                "x.lua could give a later run more rights: a script writes, renames or removes it only where "
                    + "--allow-write=x.lua or its folder allows it"
            ),
            (
                [], "print(select(2, http.get('https://a.example')).message)",
                "a.example:443 may not be reached by this script; --allow-net=a.example:443 allows it"
            ),
            (
                [], "print(select(2, program.run{'sort'}).message)",
                "sort may not be run by this script; --allow-run=sort allows it"
            ),
            (
                ["--allow-run=true"], "print(select(2, program.run({'true'}, {directory = '/'})).message)",
                "the directory / is none that the script may read; --allow-read=DIR allows it"
            ),
            (
                [],
                "print(select(2, mail.send{from = 'a@b.example', to = 'c@d.example', subject = 's', text = 't'}).message)",
                "the script may not send mail to c@d.example; --allow-mail=c@d.example allows it"
            ),
            (
                [], "print(select(2, paylink.create{amount = paylink.usd('1'), description = 'd'}).message)",
                "no credentials: set ONESHOT_USER_ID and ONESHOT_API_TOKEN, or try it with --sandbox"
            ),
            (
                ["--sandbox", "--max-links=0"],
                "print(select(2, paylink.create{amount = paylink.usd('1'), description = 'd'}).message)",
                "this run may make no links: --max-links allows some"
            ),
            (
                ["--sandbox", "--max-total=2"],
                "print(select(2, paylink.create{amount = paylink.usd('3'), description = 'd'}).message)",
                "this run may ask for 2.00 USD in all; with this link it would be 3.00: --max-total allows more"
            ),
            (
                ["--untrusted"], "print(select(2, pcall(function() return io.stdin end)))",
                "command line:1: io.stdin is not available to scripts: this one runs with --untrusted"
            ),
            (
                ["--untrusted"], "print(select(2, pcall(io.read)))",
                "command line:1: io.read is not for this script: it runs with --untrusted, which leaves it its arguments "
                    + "and standard output"
            ),
            (
                ["--untrusted"], "print(select(2, os.remove('x')))",
                "os.remove is not for this script: it runs with --untrusted, which leaves it computing, its arguments, "
                    + "standard output and --max-links links"
            ),
        ] as [([String], String, String)])
    func reachesScripts(_ options: [String], _ script: String, _ message: String) async throws {
        let folder = try TemporaryFolder()
        let outcome = try await PaylinkProcess.run(["run"] + options + ["-e", script], directory: folder.path)
        let line = outcome.output.split(separator: "\n").last.map { $0.split(separator: "\t")[0] } ?? ""
        #expect(line.hasSuffix(message), "\(outcome.output)\(outcome.errors)")
    }

    @Test(arguments: [
        ("", "the ledger's path is empty; give a file with --ledger or PAYLINK_LEDGER"),
        ("none.db", "none.db; name it with --ledger or PAYLINK_LEDGER"),
        (
            "table.csv",
            "was left as it is: give another file with --ledger or PAYLINK_LEDGER"
        ),
    ])
    func reachesWhoeverOpensALedger(_ name: String, _ message: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write("table.csv", String(repeating: "key,amount\n", count: 100))
        for command in [["ledger", "list"], ["runs"]] {
            let outcome = try await PaylinkProcess.run(command + ["--ledger", name], directory: folder.path)
            #expect(outcome.errors.hasSuffix(message + "\n"), "\(outcome.errors)")
        }
    }
}
