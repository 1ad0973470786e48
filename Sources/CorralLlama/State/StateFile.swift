import Foundation

/// A file with a saved conversation: llama.cpp's own, and behind it what it belongs to.
///
/// llama.cpp reads its part without looking behind it. The trailer is the header as JSON, then 20
/// bytes: a checksum of all before them (8), the length of the JSON (4), and `CORRALKV`.
struct StateFile {
    private static let magic = Array("CORRALKV".utf8)
    private static let footerBytes = 20
    private static let longestHeader = 1 << 16

    let path: String

    init(_ path: String) { self.path = path }

    /// Writes what a sequence knows; the file is there whole or not at all.
    ///
    /// - Throws: ``LlamaError/Code/stateUnusable``.
    func save(
        _ sequence: Int,
        _ tokens: [Token],
        _ context: Context,
        _ plan: LlamaPlan
    ) throws {
        let partial = path + ".partial"
        defer { try? FileManager.default.removeItem(atPath: partial) }
        guard context.save(sequence, tokens: tokens, to: partial) > 0 else {
            throw LlamaError(
                .stateUnusable,
                "The conversation could not be written to \(path).",
                logLines: LogSink.current?.takeErrors() ?? []
            )
        }
        do {
            let header = try JSONEncoder().encode(StateHeader(plan, tokens: tokens.count))
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: partial))
            defer { try? file.close() }
            var sum = Checksum()
            while let data = try file.read(upToCount: 1 << 20), !data.isEmpty { sum.add(data) }
            sum.add(header)
            var footer = Data()
            for byte in 0..<8 { footer.append(UInt8(truncatingIfNeeded: sum.value >> (8 * byte))) }
            for byte in 0..<4 {
                footer.append(UInt8(truncatingIfNeeded: header.count >> (8 * byte)))
            }
            footer.append(contentsOf: Self.magic)
            try file.write(contentsOf: header + footer)
            try file.close()
            try? FileManager.default.removeItem(atPath: path)
            try FileManager.default.moveItem(atPath: partial, toPath: path)
        } catch {
            throw LlamaError(
                .stateUnusable,
                "The conversation could not be written to \(path): \(error)"
            )
        }
    }

    /// Checks that the file is whole and belongs to a model loaded as planned.
    ///
    /// - Returns: Its header.
    /// - Throws: ``LlamaError/Code/stateUnusable`` or ``LlamaError/Code/stateMismatch``.
    @discardableResult
    func check(_ plan: LlamaPlan) throws(LlamaError) -> StateHeader {
        let header = try read()
        if let mismatch = header.mismatch(with: StateHeader(plan, tokens: header.tokens)) {
            throw LlamaError(
                .stateMismatch,
                "The conversation in \(path) cannot be used: \(mismatch)."
            )
        }
        return header
    }

    /// Has a sequence know the conversation.
    ///
    /// - Returns: Its tokens.
    /// - Throws: ``LlamaError``; the sequence knows nothing then.
    func restore(
        _ sequence: Int,
        _ context: Context,
        _ plan: LlamaPlan
    ) throws(LlamaError) -> [Token] {
        let header = try check(plan)
        context.forget(sequence)
        guard header.tokens <= context.contextTokens else {
            throw LlamaError(
                .contextOverflow,
                "The conversation in \(path) has \(header.tokens) tokens, and the context \(context.contextTokens)."
            )
        }
        guard let tokens = context.restore(sequence, from: path), tokens.count == header.tokens
        else {
            context.forget(sequence)
            throw LlamaError(
                .stateUnusable,
                "llama.cpp could not read the conversation in \(path).",
                logLines: LogSink.current?.takeErrors() ?? []
            )
        }
        return tokens
    }

    private func read() throws(LlamaError) -> StateHeader {
        let damaged = LlamaError(
            .stateUnusable,
            "\(path) is no saved conversation, or it is damaged; have the model read it again."
        )
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            let size = try file.seekToEnd()
            guard size > UInt64(Self.footerBytes) else { throw damaged }
            try file.seek(toOffset: size - UInt64(Self.footerBytes))
            let footer = [UInt8](try file.read(upToCount: Self.footerBytes) ?? Data())
            guard footer.count == Self.footerBytes, footer.suffix(8).elementsEqual(Self.magic)
            else {
                throw damaged
            }
            let length = Self.number(footer[8..<12])
            let content = size - UInt64(Self.footerBytes)
            guard length <= UInt64(Self.longestHeader), length <= content else { throw damaged }
            try file.seek(toOffset: 0)
            var sum = Checksum()
            var left = content
            while left > 0 {
                let chunk = try file.read(upToCount: Int(min(left, 1 << 20))) ?? Data()
                guard !chunk.isEmpty else { throw damaged }
                sum.add(chunk)
                left -= UInt64(chunk.count)
            }
            guard sum.value == Self.number(footer[0..<8]) else { throw damaged }
            try file.seek(toOffset: content - length)
            let json = try file.read(upToCount: Int(length)) ?? Data()
            return try JSONDecoder().decode(StateHeader.self, from: json)
        } catch let error as LlamaError {
            throw error
        } catch {
            throw damaged
        }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
