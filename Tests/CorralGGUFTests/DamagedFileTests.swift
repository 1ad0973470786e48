import CorralTesting
import Testing

@testable import CorralGGUF

/// Whatever the bytes are, reading them ends in a header that keeps its promises or in an error.
@Suite struct DamagedFileTests {
    /// What reading must never break; returns what it failed with.
    @discardableResult
    private func check(_ bytes: [UInt8], _ origin: String) -> GGUFError? {
        let size = UInt64(bytes.count)
        let whole = Result { () throws(GGUFError) in
            try GGUFHeader(parsing: bytes.span, fileSize: size)
        }
        switch whole {
        case .failure(let error):
            expect(error.byteOffset <= size && !error.message.isEmpty, origin, "\(error)")
            return error
        case .success(let header):
            var end: UInt64 = 0
            for tensor in header.tensors.sorted(by: { $0.offset < $1.offset }) {
                let sound =
                    (1...4).contains(tensor.dimensions.count) && tensor.elementCount > 0
                    && tensor.offset % UInt64(header.alignment) == 0 && tensor.offset >= end
                    && tensor.byteCount > 0
                end = tensor.offset + tensor.byteCount
                expect(sound && header.dataOffset + end <= size, origin, "\(tensor)")
            }
            expect(Set(header.metadata.keys).count == header.metadata.keys.count, origin, "keys")
            for key in header.metadata.keys { exercise(header.metadata, key, size, origin) }
            return nil
        }
    }

    /// Decodes a value in every way there is.
    private func exercise(
        _ metadata: GGUFMetadata,
        _ key: String,
        _ size: UInt64,
        _ origin: String
    ) {
        _ = (metadata.unsigned(key), metadata.double(key), metadata.string(key))
        guard let array = metadata[key]?.array else { return }
        expect(array.byteRange.upperBound <= size, origin, key)
        guard array.isKept else { return }
        expect(array.values.map { UInt64($0.count) } == array.count, origin, key)
        _ = (array.integers, array.doubles, array.bools, array.strings)
    }

    /// Records an issue; `#expect` captures its expression, which takes too long a million times.
    private func expect(_ holds: Bool, _ origin: String, _ what: @autoclosure () -> String) {
        if !holds { Issue.record("\(origin): \(what())") }
    }

    @Test func `a header cut anywhere is truncated at or before the cut`() {
        let bytes = sample().header()
        let needed = sample().header().count - 63
        for length in 0..<needed {
            let failure = failure(Array(bytes.prefix(length)))
            #expect(failure?.code == .truncated, "cut at \(length)")
            #expect(failure.map { $0.byteOffset <= UInt64(length) } == true, "cut at \(length)")
        }
    }

    @Test func `a file cut in its tensor data is refused`() {
        let (header, bytes) = (sample().header(), sample().file())
        let lastPadding = 64 - 20
        for length in header.count..<(bytes.count - lastPadding) {
            let failure = failure(Array(bytes.prefix(length)), fileSize: UInt64(length))
            #expect(failure?.code == .tensorOutsideFile, "cut at \(length)")
        }
    }

    @Test func `no single wrong byte of a header traps`() {
        let bytes = sample().file()
        var refused = 0
        for place in 0..<sample().header().count {
            for value in [0x00, 0xFF, bytes[place] ^ 0x80, bytes[place] &+ 1, ~bytes[place]] {
                var damaged = bytes
                damaged[place] = value
                if check(damaged, "byte \(place) = \(value)") != nil { refused += 1 }
            }
        }
        #expect(refused > 1000)
    }

    /// Ten times 10,000 seeds.
    @Test(arguments: 0..<10 as Range<UInt64>)
    func `100,000 seeded mutations are read or refused, and as one when read in windows`(
        tenth: UInt64
    ) {
        let originals = [sample().file(), sample(version: 2).file(), GGUFBuilder().file()]
        var codes: [GGUFError.Code: Int] = [:]
        var read = 0
        for seed in (tenth * 10_000)..<((tenth + 1) * 10_000) {
            var random = SeededGenerator(seed: seed)
            var bytes = originals[Int(seed % 8 == 0 ? seed / 8 % 3 : 0)]
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes = Mutation.random(using: &random).applied(to: bytes, using: &random)
            }
            let error = check(bytes, "seed \(seed)")
            if let error { codes[error.code, default: 0] += 1 } else { read += 1 }
            guard seed % 16 == 0 else { continue }
            let windowed = Result { () throws(GGUFError) in try parse(bytes, window: 40) }
            switch windowed {
            case .success: #expect(error == nil, "seed \(seed)")
            case .failure(let other): #expect(other == error, "seed \(seed)")
            }
        }
        // A test of errors that meets few kinds of them tests little.
        #expect(codes.count >= 14, "\(codes)")
        #expect(read > 1000, "\(read)")
    }
}
