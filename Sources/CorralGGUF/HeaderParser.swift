/// Reads a header from windows of a file, in as many steps as it takes.
///
/// A value without input or output: whoever drives it hands over a window that begins at
/// ``offset`` and hears how far the next must reach. Each key with its value and each tensor is
/// read whole or not at all; arrays are walked across windows. Memory grows with what was read,
/// never with what a count claims.
struct HeaderParser {
    /// Where the next window must begin.
    var offset: UInt64 = 0

    let bounds: HeaderBounds
    var version: UInt32 = 0
    var metadata = GGUFMetadata()
    var tensors: [GGUFTensor] = []
    var alignment: UInt64 = 32
    var stage = Stage.preamble
    /// The tensors the preamble announces.
    var tensorCount: UInt64 = 0
    var tensorNames: Set<String> = []
    /// For each tensor where its offset stands in the header, for errors.
    var offsetFields: [UInt64] = []

    enum Stage {
        case preamble
        case metadata(remaining: UInt64)
        case array(PendingArray, remaining: UInt64)
        case tensors(remaining: UInt64)
    }

    enum Progress: Equatable {
        case finished
        /// The next window must begin at `offset` and reach this far.
        case needs(upTo: UInt64)
    }

    /// - Parameter available: The bytes of the file, or of what there is of it.
    init(available: UInt64) { bounds = HeaderBounds(available: available) }

    /// Reads as much as `window` holds, which begins at ``offset``.
    mutating func advance(over window: Span<UInt8>) throws(GGUFError) -> Progress {
        let base = offset
        do throws(Interruption) {
            while true {
                // A long array is stepped over without being read: the window may end before.
                let place = Int(min(offset - base, UInt64(window.count)))
                let cursor = ByteCursor(
                    window.extracting(place..<window.count),
                    base: offset,
                    bounds: bounds
                )
                if try step(cursor) { return .finished }
            }
        } catch {
            switch error {
            case .needs(let end): return .needs(upTo: end)
            case .failed(let failure): throw failure
            }
        }
    }

    /// Takes one step; nothing has changed where it is interrupted.
    ///
    /// - Returns: True at the end of the header.
    private mutating func step(_ cursor: borrowing ByteCursor) throws(Interruption) -> Bool {
        switch stage {
        case .preamble:
            try readPreamble(cursor)
        case .metadata(remaining: 0):
            try beginTensors()
        case .metadata(let remaining):
            try readPair(cursor, remaining: remaining)
        case .array(let array, let remaining):
            try finish(array, cursor, remaining: remaining)
        case .tensors(remaining: 0):
            return true
        case .tensors(let remaining):
            try readTensor(cursor)
            stage = .tensors(remaining: remaining - 1)
        }
        return false
    }

    private mutating func readPreamble(_ cursor: borrowing ByteCursor) throws(Interruption) {
        var cursor = copy cursor
        // "GGUF", the first byte lowest.
        guard try cursor.readInteger(UInt32.self) == 0x4655_4747 else {
            throw .failed(
                GGUFError(
                    .badMagic,
                    at: 0,
                    "The file does not begin with GGUF, so it is no GGUF file; convert the model or fetch its GGUF form."
                )
            )
        }
        version = try cursor.readInteger()
        guard version == 2 || version == 3 else { throw .failed(refusal(ofVersion: version)) }
        tensorCount = try cursor.readInteger()
        let metadataCount = try cursor.readInteger(UInt64.self)
        try claim(metadataCount, of: Self.minimumPairBytes, at: 16)
        try claim(tensorCount, of: Self.minimumTensorBytes, at: 8)
        offset = cursor.offset
        stage = .metadata(remaining: metadataCount)
    }

    private func refusal(ofVersion version: UInt32) -> GGUFError {
        if version != 0, version & 0xFFFF == 0 {
            return GGUFError(
                .bigEndian,
                at: 4,
                "The file is big-endian (its version reads as \(version.byteSwapped) backwards); fetch or convert the little-endian form."
            )
        }
        return GGUFError(
            .unsupportedVersion,
            at: 4,
            "GGUF version \(version) is not supported, only 2 and 3 are; convert the model again with a current llama.cpp."
        )
    }

    /// Refuses a count whose things cannot all be in the file.
    private func claim(
        _ count: UInt64,
        of size: Int,
        at place: UInt64
    ) throws(Interruption) {
        do throws(GGUFError) {
            try bounds.require(count, of: size, at: 24)
        } catch {
            var error = error
            error.byteOffset = place
            throw .failed(error)
        }
    }

    /// A key of one byte behind its length, a type, a value of one byte.
    private static let minimumPairBytes = 8 + 1 + 4 + 1

    /// The length of an empty name, a number of dimensions, one dimension, a type, an offset.
    private static let minimumTensorBytes = 8 + 4 + 8 + 4 + 8
}
