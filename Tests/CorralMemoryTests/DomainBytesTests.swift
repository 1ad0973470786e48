import CorralMemory
import Testing

@Suite struct DomainBytesTests {
    private let mixed = DomainBytes.host(ByteCount(10)) + DomainBytes(.gpu(1), ByteCount(4))

    @Test func `a domain that is not named holds nothing`() {
        #expect(mixed[.gpu(0)] == .zero)
        #expect(mixed[.gpu(1)] == ByteCount(4))
    }

    @Test func `an amount set back to zero equals one never set`() {
        var amount = DomainBytes.zero
        amount[.gpu(3)] = ByteCount(1)
        #expect(amount != .zero)
        amount[.gpu(3)] = .zero
        #expect(amount == .zero)
        #expect(mixed - mixed == .zero)
        #expect(amount.domains.isEmpty)
    }

    @Test func `domains come host first, then accelerators by index`() {
        var amount = mixed
        amount[.gpu(10)] = ByteCount(1)
        amount[.gpu(2)] = ByteCount(1)
        #expect(amount.domains == [.host, .gpu(1), .gpu(2), .gpu(10)])
        #expect(amount.total == ByteCount(16))
    }

    @Test func `fitting is judged in each domain alone`() {
        let roomy = DomainBytes.host(ByteCount(100))
        #expect(!mixed.fits(in: roomy))
        #expect(mixed.fits(in: mixed))
        #expect(!mixed.fits(in: mixed - .host(ByteCount(1))))
        #expect(DomainBytes.zero.fits(in: .zero - mixed))
    }

    @Test func `excess names only what is over`() {
        let limit = DomainBytes.host(ByteCount(7)) + DomainBytes(.gpu(1), ByteCount(9))
        #expect(mixed.excess(over: limit) == .host(ByteCount(3)))
        #expect(mixed.excess(over: mixed) == .zero)
    }

    @Test func `the union is the larger amount, and zero is larger than less`() {
        let other = DomainBytes.host(ByteCount(3)) + DomainBytes(.gpu(0), ByteCount(8))
        let union = mixed.union(other)
        #expect(union == mixed + DomainBytes(.gpu(0), ByteCount(8)))
        #expect(other.union(mixed) == union)
        let negative = DomainBytes.zero - mixed
        #expect(negative.union(.zero) == .zero)
        #expect(DomainBytes.zero.union(negative) == .zero)
    }

    @Test func `an amount prints its domains in order`() {
        #expect(mixed.description == "host 10 B, gpu1 4 B")
        #expect(DomainBytes.zero.description == "0 B")
    }
}
