import CorralDryRun
import CorralMemory
import CorralPlanner
import Foundation
import SharedFixtures
import Testing

@Suite(.enabled("needs corral-dry-run with llama.cpp, and gguf-fixtures", Helper.hasFixtures))
struct TruthTests {
    let fixtures: Fixtures
    let helper = Helper.make()

    init() throws { fixtures = try Fixtures.loaded.get() }

    @Test func `the helper names the build of llama.cpp`() async throws {
        let engine = try await helper.identify()
        #expect(!engine.version.isEmpty)
        #expect(engine.build ?? 1 > 0)
    }

    @Test func `llama.cpp says of a header alone what it says of the model`() async throws {
        let engine = try await helper.identify()
        // Another build, or a processor that repacks otherwise, has a truth of its own.
        guard engine.build == fixtures.truth.llama_cpp_build, Fixtures.areOfThisMachine else {
            return
        }
        var cells = 0
        for name in fixtures.sample {
            let model = try fixtures.model(name)
            let file = try model.standIn()
            let contexts = try fixtures.configurations.map { try fixtures.options($0).context }
            let answers = try await helper.measure(file.path, contexts: contexts)
            for (configuration, answer) in zip(fixtures.configurations, answers.cells) {
                guard let told = fixtures.truth.truth[name]?[configuration] else { continue }
                cells += 1
                guard let truth = told.cell else {
                    #expect(throws: DryRunError.self) { try answer.get() }
                    continue
                }
                let cell = try answer.get()
                let place = "\(name) \(configuration)"
                #expect(cell.buffers == truth.buffers, "\(place)")
                #expect(cell.output == truth.output, "\(place)")
                #expect(cell.contextTokens == truth.contextTokens, "\(place)")
                #expect(cell.sequenceTokens == truth.sequenceTokens, "\(place)")
                #expect(cell.flashAttention == truth.flashAttention, "\(place)")
            }
        }
        #expect(cells >= 100)
    }

    @Test func `planner and llama.cpp do not drift apart`() async throws {
        var check = DriftCheck()
        for name in fixtures.sample {
            let model = try fixtures.model(name)
            let file = try model.standIn()
            let configurations = try fixtures.configurations.map {
                (name: $0, options: try fixtures.options($0))
            }
            try await check.compare(
                name,
                at: file.path,
                planner: try model.planner(),
                configurations: configurations,
                with: helper
            )
        }
        print(check)
        #expect(check.cells.count >= 100)
        #expect(check.drifts.isEmpty, "\(check)")
    }

    @Test func `a stand-in takes as much of the disk as its header, and is deleted`() throws {
        let model = try fixtures.model("shape-llama31-8b.gguf")
        let path: String
        do {
            let file = try model.standIn()
            path = file.path
            let values = try URL(fileURLWithPath: path).resourceValues(forKeys: [.fileSizeKey])
            #expect(values.fileSize.map(Int64.init) == model.fileBytes)
            #expect(model.fileBytes > 1 << 30)
            let blocks = try #require(diskBytes(path))
            #expect(blocks <= Int64(model.header.count) + (1 << 20))
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    private func diskBytes(_ path: String) -> Int64? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Int64(status.st_blocks) * 512
    }
}
