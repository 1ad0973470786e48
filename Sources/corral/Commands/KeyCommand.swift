public import ArgumentParser
import CorralDaemon
import CorralMemory
public import CorralServer
import Foundation

/// Makes and revokes API keys.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make, list and revoke API keys.",
        discussion: """
            A key is shown once, when it is made; the file of keys (--keys-file of serve) holds its \
            SHA-256. A running daemon knows of a change within a second. Once there is a key, \
            every request needs one.
            """,
        subcommands: [KeyCreate.self, KeyList.self, KeyRevoke.self]
    )
}

/// The option that names the file of keys.
struct KeyFileOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The file of keys (CORRAL_KEYS_FILE).", valueName: "file"))
    var keysFile: String?

    /// The file that `serve` would use with the same environment and configuration file.
    func file(_ environment: UserEnvironment = .current) throws -> KeyFile {
        if let keysFile { return KeyFile(path: environment.path(keysFile)) }
        return KeyFile(path: try Settings.read(environment: environment).keysFile)
    }
}

/// Makes a key.
struct KeyCreate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a key and print it, this once.",
        discussion: "The key alone goes to standard output, what is to be known about it elsewhere."
    )

    @Option(help: "What to call it, such as the program or person it is for.")
    var name: String

    @Option(help: "What it is good for: inference (use and list models) or admin (everything).")
    var scope: AccessScope = .inference

    @Option(help: "The requests that may be under way with it at once. Default: --key-concurrency")
    var concurrency: Int?

    @Option(help: "The largest request, such as 16MiB. Default: the daemon's --body-limit")
    var bodyLimit: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var keys: KeyFileOptions

    func validate() throws {
        do {
            _ = try record(KeyDigest(of: "")).key()
        } catch {
            throw ValidationError(error.message)
        }
    }

    func run() throws { try run(.live(), keys.file()) }

    func run(_ console: Console, _ file: KeyFile) throws {
        var records = try file.records()
        guard !records.contains(where: { $0.name == name }) else {
            throw CommandFailure(
                .failure,
                "There is a key called \(name) already; revoke it first, or choose another name."
            )
        }
        var generator = SystemRandomNumberGenerator()
        let key = GeneratedKey(using: &generator)
        records.append(record(key.digest))
        try file.write(records)
        if output.json {
            return try console.print(json: ["name": name, "scope": scope.rawValue, "key": key.text])
        }
        console.print(key.text)
        console.note("This is the key of \(name) (\(scope.rawValue)). It is not shown again.")
    }

    private func record(_ digest: KeyDigest) -> KeyRecord {
        KeyRecord(
            name: name,
            scope: scope.rawValue,
            sha256: digest.description,
            created: Date().formatted(.iso8601.year().month().day()),
            concurrency: concurrency,
            bodyLimit: bodyLimit
        )
    }
}

/// Lists the keys.
struct KeyList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the keys: their names and what they are good for."
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup var keys: KeyFileOptions

    func run() throws { try run(.live(), keys.file()) }

    func run(_ console: Console, _ file: KeyFile) throws {
        let records = try file.records()
        if output.json { return try console.print(json: ["keys": records]) }
        guard !records.isEmpty else { return console.note("There are no keys in \(file.path).") }
        var table = Table([
            .text("NAME"), .text("SCOPE"), .text("CREATED"), .number("REQUESTS"), .number("BODY"),
            .text("SHA-256"),
        ])
        for record in records {
            table.add([
                record.name, record.scope, record.created ?? "-",
                record.concurrency.map { "\($0)" } ?? "-", record.bodyLimit ?? "-",
                String(record.sha256.prefix(12)),
            ])
        }
        table.print(to: console)
    }
}

/// Revokes a key.
struct KeyRevoke: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Make a key worthless."
    )

    @Argument(help: "Its name; see `corral key list`.")
    var name: String

    @OptionGroup var keys: KeyFileOptions

    func run() throws { try run(.live(), keys.file()) }

    func run(_ console: Console, _ file: KeyFile) throws {
        let records = try file.records()
        let left = records.filter { $0.name != name }
        guard left.count < records.count else {
            let names = records.map(\.name).joined(separator: ", ")
            throw CommandFailure(
                .input,
                records.isEmpty
                    ? "There are no keys in \(file.path)."
                    : "There is no key called \(name); there are \(names)."
            )
        }
        try file.write(left)
        console.print("\(name) is revoked.")
        if left.isEmpty {
            console.note("No key is left: a daemon that starts now asks for none.")
        }
    }
}

extension AccessScope: ExpressibleByArgument {}
