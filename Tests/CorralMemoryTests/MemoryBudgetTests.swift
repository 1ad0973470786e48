import CorralMemory
import Testing

@Suite struct MemoryBudgetTests {
    private let limit = ByteCount.gibibytes(16)

    @Test(
        arguments: [
            ("75%", MemoryBudget.share(0.75)), (" 75 % ", .share(0.75)), ("100%", .share(1)),
            ("0.5", .share(0.5)),
            ("1.0", .share(1)), ("12.5%", .share(0.125)), ("12GiB", .bytes(.gibibytes(12))),
            ("1.5g", .bytes(.mebibytes(1536))), ("1MiB", .bytes(.mebibytes(1))),
        ] as [(String, MemoryBudget)]
    )
    func `a budget is read as people write it`(text: String, budget: MemoryBudget) throws {
        #expect(try MemoryBudget(argument: text) == budget)
        #expect(MemoryBudget(parsing: text) == budget)
    }

    @Test(
        arguments: [
            ("0%", MemoryBudgetError.Code.shareOutOfRange), ("101%", .shareOutOfRange),
            ("1.5", .shareOutOfRange),
            ("0.0", .shareOutOfRange), ("75", .tooSmall), ("0", .tooSmall), ("512k", .tooSmall),
            ("", .unreadable), ("%", .unreadable), ("nan%", .unreadable), ("1e1%", .unreadable),
            ("-5%", .unreadable), ("-1GiB", .unreadable), ("most", .unreadable),
            ("0x0.8", .unreadable),
        ] as [(String, MemoryBudgetError.Code)]
    )
    func `a text that is no budget is refused with its reason`(
        text: String,
        code: MemoryBudgetError.Code
    ) throws {
        let error = try #require(throws: MemoryBudgetError.self) {
            try MemoryBudget(argument: text)
        }
        #expect(error.code == code)
        #expect(error.argument == text)
        #expect(error.description.contains("“\(text)”"))
        #expect(error.description.contains("12GiB"))
        #expect(MemoryBudget(parsing: text) == nil)
    }

    @Test func `an error is caught by its code`() {
        do {
            _ = try MemoryBudget(argument: "12")
            Issue.record("12 bytes were taken as a budget")
        } catch MemoryBudgetError.Code.unreadable {
            Issue.record("caught by another code")
        } catch MemoryBudgetError.Code.tooSmall {
        } catch {
            Issue.record(error)
        }
    }

    @Test(
        arguments: [
            (MemoryBudget.share(0.75), ByteCount.gibibytes(12)), (.share(1), .gibibytes(16)),
            (.share(7), .gibibytes(16)),
            (.share(-1), .zero), (.share(.nan), .zero), (.bytes(.gibibytes(4)), .gibibytes(4)),
            (.bytes(.gibibytes(400)), .gibibytes(16)), (.bytes(ByteCount(-4)), .zero),
        ] as [(MemoryBudget, ByteCount)]
    )
    func `a budget is never below zero nor above the limit`(budget: MemoryBudget, bytes: ByteCount)
    {
        #expect(budget.resolved(limit: limit) == bytes)
    }

    @Test func `bytes name host memory and leave other domains their standard share`() {
        let memory = HostMemory(domains: [
            .host: .init(limit: limit, available: .zero),
            .gpu(0): .init(limit: .gibibytes(8), available: .zero),
        ])
        let bytes = MemoryBudget.bytes(.gibibytes(2)).resolved(for: memory)
        #expect(bytes == .host(.gibibytes(2)) + DomainBytes(.gpu(0), .gibibytes(6)))
        let share = MemoryBudget.share(0.5).resolved(for: memory)
        #expect(share == .host(.gibibytes(8)) + DomainBytes(.gpu(0), .gibibytes(4)))
    }

    @Test func `no budget exceeds what an accelerator can use of shared memory`() {
        let memory = HostMemory(domains: [
            .host: .init(limit: limit, available: limit, usable: .gibibytes(10))
        ])
        #expect(MemoryBudget.standard.resolved(for: memory) == .host(.gibibytes(10)))
        #expect(MemoryBudget.share(0.5).resolved(for: memory) == .host(.gibibytes(8)))
        #expect(MemoryBudget.bytes(.gibibytes(12)).resolved(for: memory) == .host(.gibibytes(10)))
    }

    @Test(
        arguments: [
            (MemoryBudget.standard, "75%"), (.share(0.125), "12.5%"), (.share(.nan), "nan%"),
            (.share(.infinity), "inf%"),
            (.bytes(.gibibytes(12)), "12.0 GiB"),
        ] as [(MemoryBudget, String)]
    )
    func `a budget prints as it is written`(budget: MemoryBudget, text: String) {
        #expect(budget.description == text)
    }
}
