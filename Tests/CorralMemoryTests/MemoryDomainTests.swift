import CorralMemory
import Testing

@Suite struct MemoryDomainTests {
    @Test(arguments: [MemoryDomain.host, .gpu(0), .gpu(12)])
    func `a name is read back as its domain`(domain: MemoryDomain) {
        #expect(MemoryDomain(parsing: domain.description) == domain)
    }

    @Test(arguments: [
        "", "Host", "gpu", "gpu-1", "gpu+1", "gpu01", "gpu 1", "gpu1x", "gpu99999999999999999999",
    ])
    func `a text that is no name is refused`(text: String) {
        #expect(MemoryDomain(parsing: text) == nil)
    }
}
