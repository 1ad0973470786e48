import CorralMemory
import Testing

@Suite struct FootprintTests {
    @Test func `the total is the exclusive part and each shared part once`() {
        let weights = SharedPart(name: "weights", bytes: .host(ByteCount(100)))
        let larger = SharedPart(name: "weights", bytes: .host(ByteCount(120)))
        let other = SharedPart(name: "projector", bytes: DomainBytes(.gpu(0), ByteCount(5)))
        let footprint = Footprint(exclusive: .host(ByteCount(7)), shared: [weights, larger, other])
        #expect(footprint.total == .host(ByteCount(127)) + DomainBytes(.gpu(0), ByteCount(5)))
        #expect(Footprint.host(ByteCount(3)).total == .host(ByteCount(3)))
    }
}
