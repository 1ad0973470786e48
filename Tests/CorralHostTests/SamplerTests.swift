import CorralTesting
import Dispatch
import Synchronization
import Testing

@testable import CorralHost

/// A disk on which every access takes until the test says otherwise.
private final class SlowDisk: Sendable {
    private let state = Mutex((begun: 0, content: 0))
    private let gate = DispatchSemaphore(value: 0)
    private let began: AsyncStream<Int>.Continuation
    /// The number of each access as it begins.
    let beginnings: AsyncStream<Int>

    init() { (beginnings, began) = AsyncStream<Int>.makeStream() }

    var accesses: Int { state.withLock { $0.begun } }
    func write(_ content: Int) { state.withLock { $0.content = content } }
    func letOneEnd() { gate.signal() }

    /// Reads what is there when the access begins, and takes until it is let go.
    func read() -> Int {
        let (number, content) = state.withLock { state in
            state.begun += 1
            return (state.begun, state.content)
        }
        began.yield(number)
        gate.wait()
        return content
    }
}

@Suite struct SamplerTests {
    private let disk = SlowDisk()
    private let clock = ManualClock()
    private let sampler: Sampler<Int>

    init() {
        sampler = Sampler("test", initial: -1) { [disk] _ in disk.read() }
    }

    @Test func `a value is looked at while a reading takes its time`() async {
        async let first = sampler.refresh()
        var beginnings = disk.beginnings.makeAsyncIterator()
        _ = await beginnings.next()
        #expect(sampler.latest == -1)
        disk.write(7)
        disk.letOneEnd()
        // The reading began before the write, so the next one sees it.
        async let value = sampler.refresh()
        _ = await beginnings.next()
        disk.letOneEnd()
        #expect(await first == 0)
        #expect(await value == 7)
        #expect(sampler.latest == 7)
    }

    @Test func `however many ask there is one reading at a time`() async {
        var beginnings = disk.beginnings.makeAsyncIterator()
        await withTaskGroup(of: Int.self) { group in
            group.addTask { [sampler] in await sampler.refresh() }
            _ = await beginnings.next()
            disk.write(1)
            for _ in 0..<50 { group.addTask { [sampler] in await sampler.refresh() } }
            while sampler.waiting < 50 { await Task.yield() }
            disk.letOneEnd()
            disk.letOneEnd()
            var values: [Int] = []
            for await value in group { values.append(value) }
            // Who asked during the first reading got one that began later.
            #expect(values.count { $0 == 0 } == 1 && values.count { $0 == 1 } == 50)
        }
        #expect(disk.accesses == 2)
    }

    @Test func `who is cancelled does not wait for a disk that hangs`() async {
        var beginnings = disk.beginnings.makeAsyncIterator()
        let waiting = Task { [sampler] in await sampler.refresh() }
        _ = await beginnings.next()
        waiting.cancel()
        #expect(await waiting.value == -1)
        let never = Task { [sampler] in
            withUnsafeCurrentTask { $0?.cancel() }
            return await sampler.refresh()
        }
        #expect(await never.value == -1)
        disk.letOneEnd()
    }

    @Test func `it reads every second, and less often where a reading takes longer`() async {
        let (values, sink) = AsyncStream<Int>.makeStream()
        let running = Task { [sampler, clock] in
            await sampler.run(every: .seconds(1), clock: clock) { sink.yield($0) }
        }
        var beginnings = disk.beginnings.makeAsyncIterator()
        var read = values.makeAsyncIterator()
        disk.write(1)
        await clock.sleepers()
        clock.advance(by: .seconds(1))
        _ = await beginnings.next()
        // This reading takes a second, so that the next comes nineteen later.
        clock.advance(by: .seconds(1))
        disk.letOneEnd()
        #expect(await read.next() == 1)
        await clock.sleepers()
        clock.advance(by: .seconds(18))
        #expect(disk.accesses == 1)
        clock.advance(by: .seconds(1))
        #expect(await beginnings.next() == 2)
        disk.letOneEnd()
        _ = await read.next()
        running.cancel()
        await running.value
    }
}

@Suite struct BlockingThreadTests {
    @Test func `work is done in order, off the threads of tasks, and gives what it returns`()
        async throws
    {
        let thread = BlockingThread("test")
        let order = Mutex<[Int]>([])
        for number in 0..<100 { thread.start { order.withLock { $0.append(number) } } }
        let count = try await thread.run { order.withLock { $0.count } }
        #expect(count == 100)
        #expect(order.withLock { $0 } == Array(0..<100))
        struct Failure: Error {}
        await #expect(throws: Failure.self) { try await thread.run { throw Failure() } }
    }
}
