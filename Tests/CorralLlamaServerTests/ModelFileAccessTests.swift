import CorralCache
import Synchronization
import Testing

@testable import CorralLlamaServer

@Suite struct ModelFileAccessTests {
    private final class Log: Sendable {
        let paths = Mutex<[String]>([])
    }

    @Test func `all parts of a split model are read, one after the other`() async {
        let log = Log()
        let access = ModelFileAccess(
            storage: { _ in ModelStorage() },
            readAhead: { path, _ in
                log.paths.withLock { $0.append(path) }
                return true
            }
        )
        let paths = ModelFileAccess.files(of: "/m/a-00001-of-00003.gguf")
        #expect(await access.readAhead(paths))
        #expect(
            log.paths.withLock { $0 } == [
                "/m/a-00001-of-00003.gguf", "/m/a-00002-of-00003.gguf", "/m/a-00003-of-00003.gguf",
            ]
        )
        #expect(ModelFileAccess.files(of: "/m/a.gguf") == ["/m/a.gguf"])
    }

    @Test func `a task that is cancelled stops the reading and the parts that follow`() async {
        let log = Log()
        let (begun, isBegun) = AsyncStream<Void>.makeStream()
        let access = ModelFileAccess(
            storage: { _ in ModelStorage() },
            readAhead: { path, isCancelled in
                log.paths.withLock { $0.append(path) }
                isBegun.yield()
                while !isCancelled() {}
                return false
            }
        )
        let isRead = await withTaskGroup(of: Bool?.self) { group in
            group.addTask { await access.readAhead(["a", "b"]) }
            group.addTask {
                for await _ in begun { break }
                return nil
            }
            var result: Bool?
            for await outcome in group {
                if let outcome { result = outcome } else { group.cancelAll() }
            }
            return result
        }
        #expect(isRead == false)
        #expect(log.paths.withLock { $0 } == ["a"])
    }
}
