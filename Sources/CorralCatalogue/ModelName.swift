internal import CorralGGUF

/// A file's name taken apart into what the model is called and how it is quantized.
struct ModelName: Hashable, Sendable {
    /// The name in lower case, without folder, `.gguf` and part numbers.
    var stem: String

    /// ``stem`` without the quantization; the folder's name where nothing telling is left.
    var base: String

    /// The quantization the name ends in, in lower case: `q4_k_m`.
    var quantization: String?

    /// Whether the name is that of a projector, as all publishers call them.
    var isProjector: Bool { stem.contains("mmproj") }

    /// Takes a path apart.
    ///
    /// - Parameters:
    ///   - path: The path of a GGUF file.
    ///   - folder: The folder of the search, whose own name says nothing about a model.
    init(path: String, under folder: String) {
        let whole = GGUFSplitName(path: path)?.prefix ?? path
        var name = FolderScan.name(whole).lowercased()
        if name.hasSuffix(".gguf") { name.removeLast(5) }
        let stem = Self.spelled(name)
        let cut = Self.quantizationStart(in: stem)
        self.stem = stem
        base = cut.map { String(stem[..<$0]) } ?? stem
        quantization = cut.map { String(stem[stem.index(after: $0)...]) }
        let parent = FolderScan.parent(path)
        if Self.generic.contains(base), parent != folder, folder.count < parent.count {
            let named = Self.spelled(FolderScan.name(parent).lowercased())
            base = named.hasSuffix("-gguf") ? String(named.dropLast(5)) : named
            if quantization == nil, let cut = Self.quantizationStart(in: base) {
                quantization = String(base[base.index(after: cut)...])
                base = String(base[..<cut])
            }
        }
    }

    /// Names that converters write where nobody chose one.
    private static let generic: Set<String> = [
        "model", "ggml-model", "gguf-model", "weights", "ggml", "consolidated", "output", "",
    ]

    private static func spelled(_ name: String) -> String {
        String(name.map { $0.isWhitespace ? "-" : $0 })
    }

    /// The index of the separator before the quantization; the longest ending that is a quantization
    /// counts.
    private static func quantizationStart(in stem: String) -> String.Index? {
        stem.indices.first { index in
            "-._".contains(stem[index]) && index > stem.startIndex
                && isQuantization(stem[stem.index(after: index)...])
        }
    }

    /// Whether `text` is how files name a quantization: `q4_k_m`, `ud-iq2_xxs`, `bf16`.
    ///
    /// The names are llama.cpp's (`llama-quantize --help`), with the prefixes that
    /// publishers put before them.
    static func isQuantization(_ text: some StringProtocol) -> Bool {
        var rest = Substring(text.lowercased())
        for prefix in ["ud-", "i1-", "qat-", "imat-"] where rest.hasPrefix(prefix) {
            rest = rest.dropFirst(prefix.count)
        }
        let floats: Set<Substring> = [
            "f16", "f32", "bf16", "fp16", "fp32", "mxfp4", "mxfp4_moe", "nvfp4",
        ]
        if floats.contains(rest) { return true }
        guard let kind = ["iq", "tq", "q"].first(where: { rest.hasPrefix($0) }) else {
            return false
        }
        let parts = rest.dropFirst(kind.count).split(
            separator: "_",
            omittingEmptySubsequences: false
        )
        let suffixes: Set<Substring> = [
            "0", "1", "2", "4", "8", "k", "s", "m", "l", "xs", "xxs", "xl", "xxl", "nl",
        ]
        guard let bits = parts.first, bits.count == 1, bits.allSatisfy({ "12345678".contains($0) })
        else { return false }
        return parts.dropFirst().allSatisfy { suffixes.contains($0) }
            && (parts.count > 1 || kind == "q")
    }
}
