/// What a llama-server program is, for people who ask whether it will do.
package struct LlamaServerFacts: Hashable, Sendable {
    /// The build number; `nil` where the program does not say.
    package var build: Int?

    /// Options Corral uses where they are there, and this build lacks, with what that costs.
    package var lacking: [String]

    /// The devices it can put layers on, as it names them; empty where it was built for the
    /// processor alone.
    package var devices: [String]

    /// Describes a program.
    ///
    /// - Parameters:
    ///   - build: The build number.
    ///   - lacking: Options it lacks, with what that costs.
    ///   - devices: The devices it can put layers on.
    package init(build: Int?, lacking: [String] = [], devices: [String] = []) {
        self.build = build
        self.lacking = lacking
        self.devices = devices
    }

    /// Asks a program; it is run three times, and loads nothing.
    ///
    /// - Parameters:
    ///   - path: The path of llama-server.
    ///   - environment: The variables it is run with.
    /// - Throws: ``LlamaServerError`` where it cannot be run, or lacks what nothing can stand in
    ///   for.
    package init(
        examining path: String,
        environment: [String: String]
    ) async throws(LlamaServerError) {
        let program = ServerProgram(path: path, environment: environment)
        let features = try await program.features()
        let devices =
            features.has("--list-devices") ? try await program.output("--list-devices") : ""
        self.init(features, devices: devices)
    }

    init(_ features: ServerFeatures, devices: String) {
        let wanted = [
            ("--cache-ram", "the prompt cache's memory cannot be bounded"),
            ("--ctx-checkpoints", "the memory of checkpoints cannot be bounded"),
            ("--load-mode", "weights are always loaded one way"),
            ("--fit", "it may choose other sizes than were planned"),
            ("--offline", "it may fetch files"),
            ("--mmproj", "models cannot see images"),
            ("--metrics", "models tell no figures"),
        ]
        let lacking = wanted.filter { !features.has($0.0) }.map { "\($0.0) (\($0.1))" }
        self.init(build: features.build, lacking: lacking, devices: Self.devices(in: devices))
    }

    /// The names in `Available devices:` and the indented lines behind it.
    static func devices(in text: String) -> [String] {
        let lines = text.split(separator: "\n").drop { !$0.hasPrefix("Available devices") }
        return lines.dropFirst().prefix { $0.first == " " }.compactMap { line in
            let name = line.prefix { $0 != ":" }.filter { !$0.isWhitespace }
            return line.contains(":") && !name.isEmpty ? name : nil
        }
    }
}
