// What helps, in the words of the command line: its options, commands and variables.

import Advice

extension AdviceWords {
    static let commands = AdviceWords { advice in
        switch advice {
        case .reading: "--allow-read=DIR"
        case .writing(let path): "--allow-write=\(path ?? "DIR")"
        case .reaching(let place): "--allow-net=\(place)"
        case .running(let program): "--allow-run=\(program)"
        case .mailing(let address): "--allow-mail=\(address)"
        case .untrusted: "with --untrusted"
        case .linksOfItsOwn: "--max-links links"
        case .halfAWall: "--isolation half"
        case .linkLimit: "--max-links"
        case .sumLimit: "--max-total"
        case .settle(let key, let settlement): "paylink ledger doubt resolve \(key) \(options(settlement))"
        case .retryingEffect: "paylink ledger doubt resolve KEY --retry"
        case .doubtList: "paylink ledger doubt list"
        case .watch(nil): "paylink watch"
        case .watch(let script?): "paylink watch \(script)"
        case .thisWatch: "`paylink watch`"
        case .ledger(.prepared): "paylink ledger init makes it so"
        case .ledger(let file): "\(naming(file)) with --ledger or PAYLINK_LEDGER"
        case .credentials: "set ONESHOT_USER_ID and ONESHOT_API_TOKEN, or try it with --sandbox"
        case .mailServer: "set PAYLINK_MAIL_SERVER (smtps://USER@HOST:465, or sendmail), or name a server"
        case .settingsFile: "use --config"
        }
    }

    private static func options(_ settlement: Advice.Settlement) -> String {
        switch settlement {
        case .link(let id): "--link \(id)"
        case .anyOfLink: "--link ID, --retry or --abandon"
        case .anyOfEffect: "--happened, --retry or --abandon"
        case .retry: "--retry"
        }
    }

    private static func naming(_ file: Advice.LedgerFile) -> String {
        switch file {
        case .any: "give a file"
        case .another: "give another file"
        case .onLocalDisk: "give a file on a local disk"
        case .prepared: "let its schema be made"
        case .existing: "name it"
        }
    }
}
