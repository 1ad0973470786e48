import CorralMemory
import Testing

@Suite struct HostMemoryTests {
    private let memory = HostMemory(domains: [
        .host: .init(limit: ByteCount(100), available: ByteCount(30)),
        .gpu(0): .init(limit: ByteCount(50), available: ByteCount(45)),
    ])

    @Test func `limits and availability are told by domain`() {
        #expect(memory.limits == .host(ByteCount(100)) + DomainBytes(.gpu(0), ByteCount(50)))
        #expect(memory.available == .host(ByteCount(30)) + DomainBytes(.gpu(0), ByteCount(45)))
    }

    @Test func `models could hold what is available and what they hold, up to the limit`() {
        let held = DomainBytes.host(ByteCount(20)) + DomainBytes(.gpu(0), ByteCount(20))
        let attainable = memory.attainable(holding: held + DomainBytes(.gpu(7), ByteCount(5)))
        #expect(attainable == .host(ByteCount(50)) + DomainBytes(.gpu(0), ByteCount(50)))
        #expect(memory.attainable(holding: .zero) == memory.available)
    }

    @Test func `usable memory is the limit unless less is given`() {
        #expect(HostMemory.Domain(limit: ByteCount(9), available: .zero).usable == ByteCount(9))
        let more = HostMemory.Domain(limit: ByteCount(9), available: .zero, usable: ByteCount(10))
        #expect(more.usable == ByteCount(9))
    }
}
