// The rules are llama.cpp's (`llama-model-loader.cpp`): `split.count` in the first part decides, the
// others' names follow from the first's, and each part carries its number.
extension GGUFFile {
    static func parts(
        of first: GGUFShard,
        requiresData: Bool
    ) throws(GGUFError) -> [GGUFShard] {
        let count = first.header.metadata.unsigned("split.count") ?? 1
        guard count > 1 else { return [first] }
        let name = GGUFSplitName(path: first.path)
        guard let name, UInt64(name.count) == count else {
            let found = name.map { "its name says \($0.count)" } ?? "its name has no part numbers"
            throw GGUFError(
                .invalidSplit,
                at: 0,
                path: first.path,
                subject: "split.count",
                "The file is one of \(count) parts but \(found); name the parts like model-00001-of-\(padded(count)).gguf."
            )
        }
        let number = first.header.metadata.unsigned("split.no") ?? 0
        guard number == 0, name.number == 1 else {
            throw GGUFError(
                .invalidSplit,
                at: 0,
                path: first.path,
                subject: "split.no",
                "The file is part \(max(number &+ 1, UInt64(name.number))) of \(count); open the first part, \(name.path(ofPart: 1))."
            )
        }
        var shards = [first]
        for part in 2...name.count {
            shards.append(
                try shard(
                    at: name.path(ofPart: part),
                    part: part,
                    of: name.count,
                    requiresData: requiresData
                )
            )
        }
        return shards
    }

    private static func shard(
        at path: String,
        part: Int,
        of count: Int,
        requiresData: Bool
    ) throws(GGUFError) -> GGUFShard {
        let shard: GGUFShard
        do throws(GGUFError) {
            shard = try GGUFShard(path: path, requiresData: requiresData)
        } catch {
            guard error.code == .unreadable else { throw error }
            throw GGUFError(
                .missingShard,
                at: 0,
                path: path,
                subject: path,
                "Part \(part) of \(count) cannot be opened; put all parts in one folder. \(error.message)"
            )
        }
        let metadata = shard.header.metadata
        guard metadata.unsigned("split.no") == UInt64(part - 1),
            metadata.unsigned("split.count") ?? UInt64(count) == UInt64(count)
        else {
            let number = metadata.unsigned("split.no").map { "\($0 &+ 1)" } ?? "no part"
            throw GGUFError(
                .invalidSplit,
                at: 0,
                path: path,
                subject: "split.no",
                "The file should be part \(part) of \(count) but says it is \(number) of \(metadata.unsigned("split.count") ?? 1); fetch the parts again."
            )
        }
        return shard
    }

    static func joined(_ shards: [GGUFShard]) throws(GGUFError) -> [GGUFTensor] {
        guard shards.count > 1 else { return shards[0].header.tensors }
        var names: Set<String> = []
        var tensors: [GGUFTensor] = []
        for shard in shards {
            for tensor in shard.header.tensors {
                guard names.insert(tensor.name).inserted else {
                    throw GGUFError(
                        .duplicateTensor,
                        at: 0,
                        path: shard.path,
                        subject: tensor.name,
                        "The tensor \(tensor.name) is in an earlier part too; the parts are not of one model, fetch them again."
                    )
                }
                tensors.append(tensor)
            }
        }
        let expected = shards[0].header.metadata.unsigned("split.tensors.count")
        guard expected ?? UInt64(tensors.count) == UInt64(tensors.count) else {
            throw GGUFError(
                .invalidSplit,
                at: 0,
                path: shards[0].path,
                subject: "split.tensors.count",
                "The parts hold \(tensors.count) tensors but the first announces \(expected ?? 0); the parts are not of one model, fetch them again."
            )
        }
        return tensors
    }

    private static func padded(_ count: UInt64) -> String {
        let digits = String(count)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
}
