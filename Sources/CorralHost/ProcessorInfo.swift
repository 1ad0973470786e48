/// The facts about a processor that llama.cpp's speed depends on.
struct ProcessorInfo: Equatable {
    var name: String?
    var logicalCores: Int
    var physicalCores: Int?
    var features: [ProcessorFeature]

    /// Reads `/proc/cpuinfo`, a block of `key : value` lines per logical core.
    init(_ text: KernelText?) {
        var fields: [String: String] = [:]
        var package = ""
        var cores: Set<String> = []
        logicalCores = 0
        for line in text?.lines ?? [] {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let key = line[..<colon].filter { $0 != "\t" }.lowercased()
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            switch key {
            case "processor": logicalCores += 1
            case "physical id": package = String(value)
            case "core id": cores.insert("\(package) \(value)")
            // x86 says `flags`, Arm `Features`; the first block speaks for all.
            case "model name", "flags", "features":
                if fields[key] == nil { fields[key] = String(value) }
            default: break
            }
        }
        name = fields["model name"]
        physicalCores = cores.isEmpty ? nil : cores.count
        let flags = fields["flags"] ?? fields["features"] ?? ""
        let words = Set(flags.split(separator: " "))
        features = ProcessorFeature.allCases.filter { feature in
            feature.linuxFlags.contains { words.contains(Substring($0)) }
        }
    }

    /// Asks a Mac.
    init(_ source: DarwinSource) {
        name = source.text("machdep.cpu.brand_string")
        logicalCores = Int(clamping: source.integer("hw.logicalcpu") ?? 0)
        physicalCores = source.integer("hw.physicalcpu").map { Int(clamping: $0) }
        features = ProcessorFeature.allCases.filter { feature in
            feature.darwinName.map { source.integer($0) == 1 } ?? false
        }
    }
}
