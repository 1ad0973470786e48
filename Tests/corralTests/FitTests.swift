import CorralMemory
import Testing

@testable import corral

struct FitTests {
    @Test(
        arguments: [
            (3, 0, 0, Fit.now), (3, 6, 0, .evicting), (3, 6, 6, .later), (8, 0, 0, .later),
            (11, 0, 0, .never),
        ] as [(Int64, Int64, Int64, Fit)]
    )
    func `a model fits now, with eviction, later or never`(
        planned: Int64,
        reserved: Int64,
        pinned: Int64,
        fit: Fit
    ) {
        let found = Fit(
            .host(ByteCount(planned)),
            budget: .host(ByteCount(10)),
            limit: .host(ByteCount(7)),
            reserved: .host(ByteCount(reserved)),
            pinned: .host(ByteCount(pinned))
        )
        #expect(found == fit)
    }
}
