import CorralDryRun
import CorralGGUF
import Foundation

/// A file to show llama.cpp: the model's own, or where that is a mere header, one as long as the
/// model with a hole in place of the weights.
struct ModelStandIn: ~Copyable {
    let path: String
    private let made: StandInFile?

    init(_ path: String) throws {
        let file = try GGUFFile(path: path, requiresData: false)
        let parts = file.shards.map { ($0, Self.end(of: $0.header)) }
        guard parts.contains(where: { $0.0.identity.byteCount < $0.1 }) else {
            self.path = path
            made = nil
            return
        }
        let made = try StandInFile(
            parts.map { shard, end in
                let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: shard.path))
                defer { try? handle.close() }
                let count = Int(clamping: min(shard.header.dataOffset, shard.identity.byteCount))
                return StandInFile.Part(
                    name: (shard.path as NSString).lastPathComponent,
                    header: [UInt8](try handle.read(upToCount: count) ?? Data()),
                    fileBytes: Int64(clamping: max(end, shard.identity.byteCount))
                )
            }
        )
        self.path = made.path
        self.made = .some(consume made)
    }

    /// The offset in the file at which the last tensor ends, in bytes.
    private static func end(of header: GGUFHeader) -> UInt64 {
        header.dataOffset
            &+ (header.tensors.map { $0.offset &+ $0.byteCount }.max() ?? 0)
    }
}
