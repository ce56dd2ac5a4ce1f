// What would help, or what decides it: named by those who fail, worded for those who read. These words here are for a
// Swift program; the executable has its own, of options and commands.

/// One thing that helps. Each is a phrase for the middle of a message; what stands around it is with its case.
package enum Advice: Sendable, Hashable {
    // MARK: What a script may do

    /// "… allows it": reading a folder that the message names.
    case reading
    /// "… allows it": writing below a folder that the message names, or this file.
    case writing(String?)
    /// "… allows it": connections to a host and port.
    case reaching(String)
    /// "… allows it": running a program.
    case running(String)
    /// "… allows it": mail to an address.
    case mailing(String)
    /// "it runs …": how a script is run that is not trusted.
    case untrusted
    /// "… and …": the links that such a script may make.
    case linksOfItsOwn
    /// "… runs it with what there is".
    case halfAWall

    // MARK: Limits of a run

    /// "… allows more".
    case linkLimit
    /// "… allows more": of money.
    case sumLimit

    // MARK: Doubt

    /// "look, then: …".
    case settle(key: String, Settlement)
    /// "… runs it again": a follow-up that did not finish.
    case retryingEffect
    /// "… shows them".
    case doubtList

    // MARK: Watching

    /// "… notices it": a watch, of a script or any.
    case watch(script: String?)
    /// "for … to have something to do": the one that speaks.
    case thisWatch

    // MARK: What a program is given

    /// "…", or "move it, or …".
    case ledger(LedgerFile)
    /// "no credentials: …".
    case credentials
    /// "there is no mail server: …".
    case mailServer
    /// "chown it, or …".
    case settingsFile

    /// How a key is settled that is in doubt or given up.
    package enum Settlement: Sendable, Hashable {
        /// The link of this id is the key's.
        case link(String)
        /// One of what can be decided about a link.
        case anyOfLink
        /// One of what can be decided about an effect.
        case anyOfEffect
        case retry
    }

    package enum LedgerFile: Sendable, Hashable, CaseIterable {
        case any, another, onLocalDisk, existing
        /// The schema on a server is made, or brought up to date.
        case prepared
    }
}

extension Advice {
    /// For a Swift program.
    var neutral: String {
        switch self {
        case .reading: "the right to read its folder"
        case .writing(nil): "the right to write into its folder"
        case .writing(let path?): "the right to write \(path)"
        case .reaching(let place): "the right to reach \(place)"
        case .running(let program): "the right to run \(program)"
        case .mailing(let address): "the right to send mail to \(address)"
        case .untrusted: "untrusted"
        case .linksOfItsOwn: "links within its limits"
        case .halfAWall: "accepting half a wall"
        case .linkLimit: "a higher limit of links"
        case .sumLimit: "a higher limit of money"
        case .settle(let key, let settlement): "settle the key \(key) in the ledger: \(settlement.neutral)"
        case .retryingEffect: "settling its key in the ledger as to be tried again"
        case .doubtList: "the ledger's list of what is in doubt"
        case .watch: "a watch"
        case .thisWatch: "the watch"
        case .ledger(.any): "give a file"
        case .ledger(.another): "give another file"
        case .ledger(.onLocalDisk): "give a file on a local disk"
        case .ledger(.prepared): "let its schema be made"
        case .ledger(.existing): "name one that exists, or let it be made"
        case .credentials: "give a user id and a token"
        case .mailServer: "give one with the settings of mail (smtps://USER@HOST:465, or sendmail), or name a server"
        case .settingsFile: "name another file"
        }
    }
}

extension Advice.Settlement {
    fileprivate var neutral: String {
        switch self {
        case .link(let id): "its link is \(id)"
        case .anyOfLink: "name its link, have it made again, or give it up"
        case .anyOfEffect: "it has happened, is to be tried again, or is given up"
        case .retry: "it is to be tried again"
        }
    }
}
