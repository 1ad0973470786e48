import CorralCache
import CorralCatalogue
import CorralGGUF
import CorralHTTP
import CorralTesting
import DaemonFixtures
import Foundation
import HTTPTypes
import NIOCore
import Synchronization
import Testing

@testable import CorralDaemon

/// The disk, on which every access can be made to take until a test says otherwise.
private final class GatedFolders: FolderTree {
    private let disk = DiskFolders()
    private let gate = NSCondition()
    private let state = Mutex((isClosed: false, waiting: 0))

    func close() { state.withLock { $0.isClosed = true } }

    func open() {
        state.withLock { $0.isClosed = false }
        gate.lock()
        gate.broadcast()
        gate.unlock()
    }

    /// The accesses that wait at the moment.
    var waiting: Int { state.withLock { $0.waiting } }

    private func pass() {
        gate.lock()
        state.withLock { $0.waiting += 1 }
        while state.withLock({ $0.isClosed }) { gate.wait() }
        state.withLock { $0.waiting -= 1 }
        gate.unlock()
    }

    func item(at path: String) -> FolderItem? {
        pass()
        return disk.item(at: path)
    }

    func names(in folder: String) throws(CatalogueError) -> [String] {
        pass()
        return try disk.names(in: folder)
    }

    func text(at path: String, limit: Int) throws(CatalogueError) -> String {
        pass()
        return try disk.text(at: path, limit: limit)
    }
}

@Suite struct SlowDiskTests {
    @Test func `while every access to files hangs, answers go on and other requests are answered`()
        async throws
    {
        let (home, engine, folders) = (try DaemonHome(), FakeEngine(), GatedFolders())
        let folder = try ModelFolder()
        let path = "\(home.models)/Tiny-F32.gguf"
        try FileManager.default.moveItem(atPath: folder.addModel("Tiny-F32.gguf"), toPath: path)
        let settingsGate = DispatchSemaphore(value: 0)
        let reads = Mutex(0)
        try await withDaemon(
            home,
            change: { surroundings in
                surroundings.folders = folders
                let read = surroundings.readSettings
                surroundings.readSettings = {
                    // The first reading is the start's.
                    let number = reads.withLock { count in
                        count += 1
                        return count
                    }
                    if number > 1 { settingsGate.wait() }
                    return try read()
                }
            },
            run: { try await $0.run(with: engine) }
        ) { daemon in
            let pieces = Pieces.next(of: path)
            let stream = try await daemon.send(
                "/v1/chat/completions",
                body: #"{"model": "tiny", "stream": true, "messages": []}"#
            )
            #expect(stream.status == .ok)
            var body = stream.body.makeAsyncIterator()

            folders.close()
            // An unknown name waits for a look at the folders, which now hangs; so does a reload.
            async let late = daemon.chat("late")
            daemon.signal(.reload)
            try await daemon.until("the search hangs") { folders.waiting > 0 }
            try await daemon.until("the reload hangs") { reads.withLock { $0 } > 1 }

            for number in 0..<20 {
                pieces.yield(ByteBuffer(string: "data: {\"n\": \(number)}\n\n"))
                let piece = try #require(try await body.next())
                #expect(String(buffer: piece).contains("\(number)"))
                #expect(try await daemon.models() == ["tiny"])
                #expect(try await daemon.chat("tiny").status == 200)
                #expect(try await daemon.get("/metrics").status == 200)
            }
            pieces.finish()
            while try await body.next() != nil {}
            folders.open()
            settingsGate.signal()
            #expect(try await late.status == 404)
        }
    }
}
