import Foundation
import Testing

@testable import CorralLlama

@Suite("The checksum of saved conversations")
struct ChecksumTests {
    private func sum(_ pieces: [Data]) -> UInt64 {
        var sum = Checksum()
        for piece in pieces { sum.add(piece) }
        return sum.value
    }

    @Test("how bytes are cut into pieces does not matter")
    func pieces() {
        let data = Data((0..<100).map { UInt8($0) })
        for place in 0...100 {
            #expect(sum([data.prefix(place), data.suffix(100 - place)]) == sum([data]))
        }
    }

    @Test("any single byte, and zeros at the end, change it")
    func changes() {
        let data = Data((0..<64).map { UInt8($0) })
        for index in data.indices {
            var other = data
            other[index] ^= 0x10
            #expect(sum([other]) != sum([data]))
        }
        #expect(sum([data + [0]]) != sum([data]))
    }
}
