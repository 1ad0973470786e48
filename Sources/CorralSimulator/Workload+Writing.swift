import CorralMemory

extension Workload {
    /// The requests as comma-separated values, as ``init(requests:models:)`` reads them.
    package var requestsTable: String {
        var text = "time_s,model,service_s\n"
        for request in requests {
            text +=
                "\(Self.decimal(request.time)),\(request.model),\(Self.decimal(request.service))\n"
        }
        return text
    }

    /// The models as comma-separated values, numbered in their order.
    package var modelsTable: String {
        let costs = costColumns
        let hasStores = models.contains { !$0.store.isEmpty }
        let heading = ["model", "name", "resident_bytes"] + costs + (hasStores ? ["store"] : [])
        let lines = models.enumerated().map { index, model in
            let cells =
                ["\(index)", Self.cell(model.name), "\(model.bytes.rawValue)"]
                + costs.map { Self.decimal(model.loadSeconds[$0] ?? 0) }
                + (hasStores ? [Self.cell(model.store)] : [])
            return cells.joined(separator: ",")
        }
        return ([heading.joined(separator: ",")] + lines).joined(separator: "\n") + "\n"
    }

    /// A name without what would end its cell or its line.
    private static func cell(_ text: String) -> String {
        String(text.map { $0 == "," || $0.isNewline ? "_" : $0 })
    }

    /// Milliseconds are enough.
    private static func decimal(_ seconds: Double) -> String {
        let thousandths = Int(max(0, min(seconds, 1e12)) * 1000 + 0.5)
        let digits = "\(thousandths % 1000)"
        return "\(thousandths / 1000)."
            + String(repeating: "0", count: 3 - digits.count) + digits
    }
}
