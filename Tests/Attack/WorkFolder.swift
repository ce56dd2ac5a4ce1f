// Where the attacked processes work: scripts, what they print, and a ledger for each of those that run at once.

import Glibc
import Seeded

/// A folder that goes at the end.
struct WorkFolder {
    let path: String

    init() throws {
        var name = Array("/tmp/paylink-attack-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else {
            throw Campaign.Failure(description: "no temporary folder: \(Output.reason)")
        }
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// What stands beside each script: two tables, a text, a module, and settings with a secret.
    private static let neighbours = [
        "a.csv": "a,b\r\n12.50,x\r\n\"1,5\",\"y\"\"\nz\"\r\n3\r\n,\r\n",
        "b.csv": "=x;@tag;a\n'=1;-2;3\n\u{e4};;1.234,5\n",
        "c.txt": "12 0x1F 1e5 nan\nline\r\n\nlast", "m.lua": "return { name = ..., sleep = sleep }\n",
        "paylink.toml": "[secrets]\nx = { env = \"ATTACK_SECRET\" }\nabc = { file = \"c.txt\" }\n",
    ]

    /// Where the scripts of a slot lie and work.
    func place(_ slot: Int) -> String { "\(path)/slot-\(slot)" }
    func script(_ slot: Int) -> String { "\(place(slot))/script.lua" }
    func outputFile(_ slot: Int) -> String { "\(path)/output-\(slot)" }
    func ledger(_ slot: Int) -> String { "\(path)/ledger-\(slot).db" }
    func hasLedger(_ slot: Int) -> Bool { access(ledger(slot), F_OK) == 0 }

    /// Makes the place of a slot as it is for every script: what the last one left behind goes.
    func prepare(_ slot: Int, script: String) throws {
        Self.clear(place(slot))
        mkdir(place(slot), 0o700)
        for (name, text) in Self.neighbours { try write(text, to: "\(place(slot))/\(name)") }
        try write(script, to: self.script(slot))
    }

    private func write(_ text: String, to path: String) throws {
        guard let file = fopen(path, "wb") else {
            throw Campaign.Failure(description: "cannot write \(path): \(Output.reason)")
        }
        defer { fclose(file) }
        let bytes = Array(text.utf8)
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
            throw Campaign.Failure(description: "cannot write \(path): \(Output.reason)")
        }
    }

    /// What the last script of a slot has printed, the first mebibytes of it.
    func output(_ slot: Int) -> String {
        guard let file = fopen(outputFile(slot), "rb") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 8 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// What `paylink ledger list` has to complain of; `nil` if it reads the ledger.
    func ledgerProblem(_ slot: Int, _ program: String) throws -> String? {
        let words = [program, "ledger", "list", "--json", "--ledger", ledger(slot)]
        let pid = try AttackedProcess.spawn(words, output: outputFile(slot), folder: path, ledger: ledger(slot))
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        return status == 0 ? nil : String(output(slot).prefix(500))
    }

    func remove() {
        chdir("/")
        Self.clear(path)
    }

    /// Removes a folder and all that is in it.
    private static func clear(_ path: String) {
        guard let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name != ".", name != ".." else { continue }
            if entry.pointee.d_type == UInt8(DT_DIR) { clear("\(path)/\(name)") } else { unlink("\(path)/\(name)") }
        }
        closedir(folder)
        rmdir(path)
    }
}
