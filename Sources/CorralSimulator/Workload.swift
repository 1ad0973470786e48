package import CorralCache
package import CorralMemory

/// Requests over time, and the models they are for.
package struct Workload: Sendable {
    /// A request, and how long it uses its model.
    package struct Request: Hashable, Sendable {
        /// When it comes, in seconds.
        package var time: Double
        /// The position of its model in ``Workload/models``.
        package var model: Int
        /// How long it uses the model, in seconds.
        package var service: Double

        /// Creates a request.
        package init(time: Double, model: Int, service: Double) {
            self.time = time
            self.model = model
            self.service = service
        }
    }

    /// A model, and what loading it takes.
    package struct Model: Hashable, Sendable {
        /// How the caches and policies call it.
        package var id: ModelID
        /// Its name, for people.
        package var name: String
        /// The memory it holds.
        package var bytes: ByteCount
        /// The seconds a load takes, by cost column.
        package var loadSeconds: [String: Double]
        /// The disk it is loaded from; each loads one model at a time.
        package var store: String

        /// Creates a model.
        package init(
            id: ModelID,
            name: String,
            bytes: ByteCount,
            loadSeconds: [String: Double],
            store: String = ""
        ) {
            self.id = id
            self.name = name
            self.bytes = bytes
            self.loadSeconds = loadSeconds
            self.store = store
        }
    }

    /// The models.
    package var models: [Model]
    /// The requests, in order of time.
    package var requests: [Request]

    /// Creates a workload.
    package init(models: [Model], requests: [Request]) {
        self.models = models
        self.requests = requests
    }

    /// Reads a workload from two tables.
    ///
    /// - Parameters:
    ///   - requests: Lines of `time_s`, `model`, `service_s` under a heading with these
    ///     names, in order of time; plain or packed by gzip.
    ///   - models: Lines under a heading with `model` and `resident_bytes`, columns of load
    ///     seconds whose names begin with `load_s`, and perhaps `name` and `store`; likewise.
    /// - Throws: ``SimulationError`` that names the line, where one is wrong.
    package init(requests: [UInt8], models: [UInt8]) throws(SimulationError) {
        let modelTable = try CSVTable(models, of: "models")
        self.models = []
        var positions: [String: Int] = [:]
        let identifier = try modelTable.column("model")
        let bytes = try modelTable.column("resident_bytes")
        let costs = modelTable.heading.indices.filter {
            modelTable.heading[$0].hasPrefix("load_s")
        }
        for row in modelTable.rows {
            let text = row[identifier]
            guard positions.updateValue(self.models.count, forKey: text) == nil else {
                throw SimulationError(
                    .badLine,
                    "Model \(text) stands in the table twice; each model has one line.",
                    line: row.line
                )
            }
            var loadSeconds: [String: Double] = [:]
            for column in costs {
                loadSeconds[modelTable.heading[column]] = try row.number(column)
            }
            self.models.append(
                Model(
                    id: ModelID(path: text, role: .chat),
                    name: modelTable.text("name", in: row) ?? text,
                    bytes: ByteCount(Int64(min(try row.number(bytes), 1e18))),
                    loadSeconds: loadSeconds,
                    store: modelTable.text("store", in: row) ?? ""
                )
            )
        }
        self.requests = try Self.requests(CSVTable(requests, of: "requests"), positions)
    }

    private static func requests(
        _ table: CSVTable,
        _ positions: [String: Int]
    ) throws(SimulationError) -> [Request] {
        let time = try table.column("time_s")
        let model = try table.column("model")
        let service = try table.column("service_s")
        var requests: [Request] = []
        requests.reserveCapacity(table.rows.count)
        for row in table.rows {
            guard let position = positions[row[model]] else {
                throw SimulationError(
                    .badLine,
                    "Model \(row[model]) is not in the table of models; add it there.",
                    line: row.line
                )
            }
            let instant = try row.number(time)
            guard instant >= requests.last?.time ?? 0 else {
                throw SimulationError(
                    .badLine,
                    "The request comes before the one above; sort the lines by time_s.",
                    line: row.line
                )
            }
            let request = Request(
                time: instant,
                model: position,
                service: try row.number(service)
            )
            requests.append(request)
        }
        guard !requests.isEmpty else {
            throw SimulationError(.empty, "The table of requests has no lines but its heading.")
        }
        return requests
    }

    /// The cost columns that every model has, in order of their names.
    package var costColumns: [String] {
        guard let first = models.first else { return [] }
        let shared = models.dropFirst().reduce(into: Set(first.loadSeconds.keys)) {
            $0.formIntersection($1.loadSeconds.keys)
        }
        return shared.sorted()
    }

    /// The seconds each model's load takes.
    ///
    /// - Parameter column: One of the cost columns of the table of models.
    /// - Returns: Seconds, in the order of the models.
    /// - Throws: ``SimulationError/Code/missingColumn`` for any other name.
    func loadSeconds(_ column: String) throws(SimulationError) -> [Double] {
        let seconds = models.compactMap { $0.loadSeconds[column] }
        guard seconds.count == models.count else {
            let known = Set(models.flatMap(\.loadSeconds.keys)).sorted().joined(separator: ", ")
            throw SimulationError(
                .missingColumn,
                "The models have no cost column \(column); they have \(known)."
            )
        }
        return seconds
    }
}
