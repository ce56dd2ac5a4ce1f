// Which files are out of reach for every script: what paylink reads and keeps itself. Each place is asked from the code
// that looks for the file there, so that none is spelled twice.

import Glibc
import Ledger
import LuaRuntime
import Recorder
import Scripting
import Secrets
import Settings

extension ServiceSettings {
    /// Settings, secrets and ledgers, whether or not they are there yet: what this run uses, and what a later one would.
    /// - Parameters:
    ///   - directory: where the settings file beside the script is looked for.
    ///   - ledger: the one that this run uses.
    func reservedFiles(beside directory: String, ledger: LedgerLocation = .memory) -> ReservedFiles {
        var files = settingsFiles(beside: directory)
        var folders: [ReservedFiles.Folder] = []
        for place in stack.files.flatMap(\.secretPlaces) { files += place.files }
        if let folder = Environment["CREDENTIALS_DIRECTORY"] { folders.append(ReservedFiles.Folder(folder)) }
        // What the next run would be.
        files += ScriptProcessOptions.programs
        // What was typed at a prompt, and would be again.
        files += [ReplHistory(environment: { Environment[$0] })?.path].compactMap { $0 }
        // Whoever writes it decides which servers are believed.
        files += [caFile, Environment["PAYLINK_CA_FILE"], stack.text("ca_file")].compactMap { $0 }
        var ledgers = [self.ledger, Environment["PAYLINK_LEDGER"], stack.text("ledger"), try? Self.defaultLedger()]
        if case .file(let path) = ledger { ledgers.append(path) }
        files += serverFiles + ledgers.compactMap { $0 }.flatMap(LedgerPlace.files(ofServer:))
        for path in Set(ledgers.compactMap { $0 }) where path != ":memory:" && !LedgerPlace.isServer(path) {
            let parts = SQLiteLedger.files(of: path)
            files += parts + [path]
            folders.append(ReservedFiles.Folder(UntrustedLedger.folder(beside: path)))
            // Beside the real file, which a link may lead to.
            for place in [path] + parts.prefix(1) {
                folders.append(ReservedFiles.Folder(SQLiteJobLock.folder(beside: place), suffix: SQLiteJobLock.suffix))
            }
        }
        return ReservedFiles(files, folders: folders)
    }

    /// What a connection to the ledger's server reads: passwords, services, keys.
    private var serverFiles: [String] {
        var files = ["PGPASSFILE", "PGSERVICEFILE", "PGSSLKEY", "PGSSLCERT", "PGSSLROOTCERT"].compactMap {
            Environment[$0]
        }
        guard let home = Environment["HOME"] else { return files }
        files += [".pgpass", ".pg_service.conf", ".postgresql/postgresql.key"].map { "\(home)/\($0)" }
        return files
    }

    /// Those that were read, and every place where some run looks: with a file that is named or without, for a script
    /// there and for a command in the working directory, with `XDG_CONFIG_HOME` and, as under cron, with `HOME` alone.
    private func settingsFiles(beside directory: String) -> [String] {
        var places = stack.files.map(\.path)
        let atHome: (String) -> String? = { $0 == "HOME" ? Environment[$0] : nil }
        for (named, folder) in [(choice.named, directory), (nil, directory), (nil, ".")] {
            for environment in [{ Environment[$0] }, atHome] {
                places += SettingsStack.places(named: named, directory: folder, environment: environment).map(\.path)
            }
        }
        // What `--config /dev/null` names is no file of anybody's.
        return places.filter { $0 != "/dev/null" }
    }
}

extension SecretPlace {
    /// The files that it rests on: the secret itself, or a command's program and what its arguments name.
    fileprivate var files: [String] {
        switch self {
        case .file(let path): [path]
        case .command(let words): words.filter { FileKind.isFile($0) }
        case .credential, .environment: []
        }
    }
}
