import CorralMemory
import CorralPlanner
import Foundation
import Synchronization
import Testing

@Suite struct CorrectionTests {
    private let files = "a file"
    private let engine = "llama.cpp b11434"

    private func planner(_ store: CorrectionStore = CorrectionStore()) throws -> MemoryPlanner {
        MemoryPlanner(
            try SmallModel("llama").description(),
            corrections: store.corrections(for: files)
        )
    }

    private func load(context: Int = 4096) -> LoadOptions {
        .llamaServer(.chat, slots: 2, contextTokens: context)
    }

    /// A store with one measurement of the small model.
    private func store(
        _ measured: DomainBytes,
        at moment: Correction.Moment,
        filledTokens: Int? = nil,
        _ load: LoadOptions
    ) throws -> CorrectionStore {
        var store = CorrectionStore()
        let plan = try planner().plan(load)
        let key = CorrectionKey(
            files: files,
            engine: engine,
            options: load.correctionText(plan)
        )
        store.record(
            measured,
            at: moment,
            filledTokens: filledTokens ?? plan.filledTokens,
            for: key,
            name: "small.gguf",
            planned: plan
        )
        return store
    }

    @Test(arguments: [-6, -1, 0, 3, 50])
    func `after a full batch was measured the plan is what was measured`(mebibytes: Int64) throws {
        let plain = try planner().plan(load())
        let measured = plain.settled + .host(.mebibytes(mebibytes))
        let corrected = try planner(store(measured, at: .fullBatch, load())).plan(load())
        #expect(corrected.settled == measured)
        #expect(corrected.hostHeap.source == .measured)
        // What is computed to the byte is never touched.
        for (was, is_) in zip(plain.buffers, corrected.buffers) {
            #expect(was.weights == is_.weights)
            #expect(was.cache == is_.cache)
            #expect(was.recurrent == is_.recurrent)
        }
        #expect(plain.output == corrected.output)
    }

    @Test func `a measurement below what is known to the byte lowers no exact part`() throws {
        let plain = try planner().plan(load())
        let store = try store(.host(ByteCount(1)), at: .fullBatch, load())
        let corrected = try planner(store).plan(load())
        let exact = plain.buffers.reduce(ByteCount.zero) {
            $0 + $1.weights.bytes + $1.cache.bytes + $1.recurrent.bytes
        }
        #expect(corrected.total[.host] >= exact + plain.output.bytes - plain.mappedInPlace)
        #expect(corrected.buffers.allSatisfy { $0.compute.bytes >= .zero })
    }

    @Test func `a measurement just after the load only raises a plan`() throws {
        let plain = try planner().plan(load())
        let less = plain.settled - .host(.mebibytes(8))
        #expect(try planner(store(less, at: .loaded, load())).plan(load()) == plain)
        let more = plain.settled + .host(.mebibytes(8))
        #expect(try planner(store(more, at: .loaded, load())).plan(load()).settled == more)
    }

    @Test func `what another context was found to hold only raises a plan`() throws {
        let plain = try planner().plan(load(context: 8192))
        let other = try planner().plan(load()).settled
        let less = try store(other - .host(.mebibytes(5)), at: .fullBatch, load())
        #expect(try planner(less).plan(load(context: 8192)) == plain)
        let more = try store(other + .host(.mebibytes(5)), at: .fullBatch, load())
        let raised = try planner(more).plan(load(context: 8192))
        // But for the bookkeeping of the cells, which the smaller context has fewer of.
        let excess = (raised.settled - plain.settled)[.host]
        #expect(excess > .mebibytes(4) && excess <= .mebibytes(5))
    }

    @Test func `the largest of the latest measurements counts`() throws {
        let plain = try planner().plan(load())
        var correction = Correction()
        for mebibytes in [90, 10, 30, 20, 25, 15] as [Int64] {
            correction.record(
                .host(.mebibytes(mebibytes)),
                at: .fullBatch,
                filledTokens: Int(mebibytes) + 4096,
                planned: plain
            )
        }
        #expect(correction.count(at: .fullBatch) == Correction.capacity)
        #expect(correction.most(at: .fullBatch) == .host(.mebibytes(30)))
        #expect(correction.filledTokens(at: .fullBatch) == 4111)
        #expect(correction.most(at: .loaded) == nil)
    }

    @Test func `a measurement of a context that is nearly empty leaves room for its filling`()
        throws
    {
        let plain = try planner().plan(load(context: 16_384))
        var early = plain
        early.filledTokens = 512
        let mask = (plain.settled - early.settled)[.host]
        #expect(mask == .kibibytes(1) * 1536)
        let measured = early.settled + .host(.mebibytes(3))
        let store = try store(
            measured,
            at: .fullBatch,
            filledTokens: 512,
            load(context: 16_384)
        )
        let corrected = try planner(store).plan(load(context: 16_384))
        #expect(corrected.settled == measured)
        #expect(corrected.total == plain.total + .host(.mebibytes(3)))
    }

    @Test func `what a driver takes on a device is added to its buffers`() throws {
        let device = Accelerator(domain: .gpu(0), bufferName: "CUDA0", backend: .cuda)
        var load = load()
        load.accelerators = [device]
        load.gpuLayers = 5
        let plain = try planner().plan(load)
        #expect(plain.total[.gpu(0)] > .zero)
        var measured = plain.settled
        measured[.gpu(0)] += .mebibytes(300)
        let corrected = try planner(store(measured, at: .fullBatch, load)).plan(load)
        #expect(corrected.total[.gpu(0)] == plain.total[.gpu(0)] + .mebibytes(300))
        #expect(corrected.total[.host] == plain.total[.host])
    }

    @Test func `another build, another file and other options have corrections of their own`()
        throws
    {
        let plan = try planner().plan(load())
        let store = try store(.host(.gibibytes(1)), at: .fullBatch, load())
        #expect(store.corrections(for: "another file") == .none)
        #expect(store.corrections(for: nil) == .none)
        #expect(
            store.corrections(for: files, engine: "llama.cpp b1").byOptions.isEmpty
        )
        var other = load()
        other.context.keyCacheType = .q8_0
        #expect(other.correctionText(plan) != load().correctionText(plan))
    }

    @Test func `a store survives being written and read, and a damaged one is not read`() throws {
        let store = try store(.host(.mebibytes(77)), at: .fullBatch, load())
        let bytes = try JSONEncoder().encode(store)
        let read = try JSONDecoder().decode(CorrectionStore.self, from: bytes)
        #expect(read == store && read.isReadable)
        let text = String(decoding: bytes, as: UTF8.self)
        let newer = text.replacing("\"version\":2", with: "\"version\":3")
        #expect(newer != text)
        let other = try JSONDecoder().decode(CorrectionStore.self, from: Data(newer.utf8))
        #expect(!other.isReadable)
        // Numbers and names that make no sense are passed over.
        let strange = text.replacing("\"host\":", with: "\"moon\":")
        let odd = try JSONDecoder().decode(CorrectionStore.self, from: Data(strange.utf8))
        let plan = try planner(odd).plan(load())
        #expect(plan.total[.host] > .zero)
    }

    @Test func `a store forgets what was measured longest ago`() throws {
        var store = CorrectionStore()
        let plan = try planner().plan(load())
        func key(_ number: Int) -> CorrectionKey {
            CorrectionKey(files: "\(number)", engine: engine, options: "")
        }
        for number in 0...CorrectionStore.capacity {
            let bytes = DomainBytes.host(.mebibytes(1))
            store.record(
                bytes,
                at: .loaded,
                filledTokens: 0,
                for: key(number),
                name: "",
                planned: plan
            )
        }
        #expect(store.count == CorrectionStore.capacity)
        #expect(store[key(0)] == nil)
        #expect(store[key(1)] != nil)
    }

    @Test func `a book keeps each measurement before the next is kept`() throws {
        let plan = try planner().plan(load())
        let counts = Counts()
        let book = CorrectionBook { counts.append($0.count) }
        for number in 1...3 {
            let key = CorrectionKey(files: "\(number)", engine: engine, options: "")
            book.record(
                .host(ByteCount(1)),
                at: .loaded,
                filledTokens: 0,
                for: key,
                name: "",
                planned: plan
            )
        }
        #expect(counts.all == [1, 2, 3])
        #expect(book.store.count == 3)
    }
}

/// Numbers in the order they came.
private final class Counts: Sendable {
    private let numbers = Mutex<[Int]>([])
    var all: [Int] { numbers.withLock { $0 } }
    func append(_ number: Int) { numbers.withLock { $0.append(number) } }
}
