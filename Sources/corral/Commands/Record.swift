import ArgumentParser
import CorralCache
import CorralDaemon
import CorralMemory
import CorralSimulator
import CorralWire
import Foundation

/// Records what a running daemon is asked for.
struct Record: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Record the requests of a running daemon, to replay them with simulate.",
        discussion: """
            Writes NAME.requests.csv.gz, with the time, model and duration of each request, and \
            NAME.models.csv, with the memory and load seconds of each model; nothing of what was \
            asked or answered. It ends with ^C, after --for, or with the daemon. Then, for \
            instance:

              corral simulate --requests NAME.requests.csv.gz --models NAME.models.csv \
            --budget 12GiB,24GiB
            """
    )

    @Option(
        name: .customLong("output"),
        help: ArgumentHelp("How the two files' names begin.", valueName: "name")
    )
    var prefix = "recording"

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("How long to record, such as 2h. Default: until ^C", valueName: "time")
    )
    var length: String?

    @Flag(help: "Call the models chat-1, embed-1 … in place of their names.")
    var anonymous = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var daemon: ClientOptions

    func validate() throws { _ = try duration() }

    private func duration() throws -> Duration? {
        guard let length else { return nil }
        guard case .idle(let duration) = KeepAlive(parsing: length), duration > .zero else {
            throw ValidationError("“\(length)” is no time above zero; write it as 90s, 10m or 2h.")
        }
        return duration
    }

    func run() async throws {
        let console = Console.live()
        let client = try daemon.client()
        let status: DaemonStatus = try await client.get(WirePath.status)
        var session = RecordingSession(status, isAnonymous: anonymous)
        if !output.json { console.note("Recording \(client.url); ^C ends and writes.") }
        await Self.record(from: client, for: try duration(), into: &session)
        if let last = try? await client.get(WirePath.status, as: DaemonStatus.self) {
            session.finish(last)
        }
        let workload = session.workload
        let files = ["\(prefix).requests.csv.gz", "\(prefix).models.csv"]
        guard !workload.requests.isEmpty else {
            throw CommandFailure(.failure, "Nothing was asked for, so nothing was written.")
        }
        try OutputFile.write(Data(Gzip.packed(Array(workload.requestsTable.utf8))), to: files[0])
        try OutputFile.write(Data(workload.modelsTable.utf8), to: files[1])
        try summarize(session, workload, files, console)
    }

    /// Takes the daemon's events, until a signal comes, the time is over or the daemon ends.
    private static func record(
        from client: DaemonClient,
        for duration: Duration?,
        into session: inout RecordingSession
    ) async {
        let signals = ProcessSignals.received()
        let (events, received) = AsyncStream<RecordedEvent>.makeStream()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // A daemon that ends, or a connection that breaks, ends the recording.
                try? await client.events(WirePath.events, nil) { payload in
                    if let event = RecordedEvent(payload) { received.yield(event) }
                }
                received.finish()
            }
            group.addTask {
                for await signal in signals where signal == .end { break }
                received.finish()
            }
            if let duration {
                group.addTask {
                    try? await Task.sleep(for: duration)
                    received.finish()
                }
            }
            for await event in events { session.note(event) }
            group.cancelAll()
        }
    }

    private struct Summary: Encodable {
        var requests: Int
        var models: Int
        var refusals: Int
        var seconds: Double
        var files: [String]
    }

    private func summarize(
        _ session: RecordingSession,
        _ workload: Workload,
        _ files: [String],
        _ console: Console
    ) throws {
        if output.json {
            return try console.print(
                json: Summary(
                    requests: workload.requests.count,
                    models: workload.models.count,
                    refusals: session.refusals,
                    seconds: session.seconds,
                    files: files
                )
            )
        }
        let models = workload.models.count == 1 ? "1 model" : "\(workload.models.count) models"
        let requests =
            workload.requests.count == 1 ? "1 request" : "\(workload.requests.count) requests"
        let length = Duration.seconds(session.seconds).brief
        console.print("\(requests) for \(models) in \(length): \(files[0]), \(files[1])")
        if session.refusals > 0 {
            console.print("\(session.refusals) refused requests are not in the recording.")
        }
    }
}
