import ArgumentParser
import CorralDaemon

/// Looks for what is wrong, and says what to do.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check what serving depends on, and say what to do.",
        discussion: """
            llama-server and what it can, folders and files, the configuration, memory and its \
            limits, GPUs, ports, disks. Needs no daemon and changes nothing. The exit status is 1 \
            where there is a problem; a warning is none.
            """
    )

    @OptionGroup var catalogue: CatalogueOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (catalogue, environment) = (catalogue, UserEnvironment.current)
        let probe = DoctorProbe.live(environment) { try catalogue.settings(environment) }
        try await execute(Console.live(), probe)
    }

    func execute(_ console: Console, _ probe: DoctorProbe) async throws {
        let findings = await Examination(probe: probe).findings()
        if output.json {
            try console.print(json: findings)
        } else {
            print(findings, to: console)
        }
        if findings.contains(where: { $0.verdict == .problem }) { throw ExitCode.failure }
    }

    private func print(_ findings: [Finding], to console: Console) {
        let width = findings.map(\.subject.count).max() ?? 0
        for finding in findings {
            let style: Console.Style =
                switch finding.verdict {
                case .ok: .green
                case .warning: .yellow
                case .problem: .red
                }
            let word = finding.verdict.rawValue
            let verdict =
                console.styled(word, style) + String(repeating: " ", count: 8 - word.count)
            let gap = String(repeating: " ", count: width - finding.subject.count)
            console.print("\(verdict) \(finding.subject)\(gap)  \(finding.found)")
            if let advice = finding.advice {
                console.print("\(String(repeating: " ", count: 9 + width))  → \(advice)")
            }
        }
        let problems = findings.count { $0.verdict == .problem }
        let warnings = findings.count { $0.verdict == .warning }
        console.print()
        switch (problems, warnings) {
        case (0, 0): console.print("All is well.")
        case (0, _): console.print("It works; \(warnings) could be better.")
        default: console.print("\(problems) must be seen to, \(warnings) could be better.")
        }
    }
}
