import CorralGGUF
import CorralMemory

/// The contents of a GGUF file's header, for people and for programs.
struct InspectReport: Encodable {
    struct Tensor: Encodable, Hashable {
        var name: String
        var type: String
        var dimensions: [UInt64]
        var bytes: UInt64
    }

    struct Entry: Encodable, Hashable {
        var key: String
        var type: String
        var value: MetadataText
    }

    var paths: [String]
    var version: UInt32
    var alignment: Int
    var fileBytes: UInt64
    var tensorBytes: UInt64
    var parameters: UInt64
    var metadata: [Entry]
    var tensorCount: Int
    var tensors: [Tensor]?

    init(_ file: GGUFFile, tensors: Bool = true) {
        paths = file.paths
        version = file.header.version
        alignment = file.header.alignment
        fileBytes = file.fileBytes
        tensorBytes = file.tensorBytes
        parameters = file.tensors.reduce(0) { $0 &+ $1.elementCount }
        metadata = file.metadata.keys.compactMap { key in
            file.metadata[key].map { Entry(key: key, type: Self.name($0), value: .init($0)) }
        }
        tensorCount = file.tensors.count
        self.tensors =
            tensors
            ? file.tensors.map {
                Tensor(
                    name: $0.name,
                    type: $0.type.name,
                    dimensions: $0.dimensions,
                    bytes: $0.byteCount
                )
            } : nil
    }

    private static func name(_ value: GGUFValue) -> String {
        guard let array = value.array else { return "\(value.type)" }
        return "[\(array.elementType)]"
    }

    func print(to console: Console) {
        let files = paths.count > 1 ? " in \(paths.count) files" : ""
        console.print(
            "\(paths[0]): GGUF \(version), \(ByteCount(clamping: fileBytes))\(files), "
                + "\(tensorCount) tensors of \(Self.short(parameters)) numbers, "
                + "aligned to \(alignment)"
        )
        console.print()
        var table = Table([.text("KEY"), .text("TYPE"), .flexible("VALUE")])
        for entry in metadata {
            table.add([entry.key, entry.type, entry.value.shortened(console.width)])
        }
        table.print(to: console)
        guard let tensors else { return }
        console.print()
        table = Table([.flexible("TENSOR"), .text("TYPE"), .text("SHAPE"), .number("SIZE")])
        for tensor in tensors {
            table.add([
                tensor.name, tensor.type, tensor.dimensions.map { "\($0)" }.joined(separator: "×"),
                "\(ByteCount(clamping: tensor.bytes))",
            ])
        }
        table.print(to: console)
    }

    /// `135M`, `7.2B`: a count of parameters as people say it.
    static func short(_ count: UInt64) -> String {
        let units: [(UInt64, String)] = [
            (1_000_000_000_000, "T"), (1_000_000_000, "B"), (1_000_000, "M"), (1000, "K"),
        ]
        guard let (scale, unit) = units.first(where: { count >= $0.0 }) else { return "\(count)" }
        let tenths = (count &+ scale / 20) / (scale / 10)
        let isRound = tenths >= 100 || tenths % 10 == 0
        return isRound ? "\((tenths + 5) / 10)\(unit)" : "\(tenths / 10).\(tenths % 10)\(unit)"
    }
}
