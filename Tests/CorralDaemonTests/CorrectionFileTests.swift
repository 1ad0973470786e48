import CorralGGUF
import CorralMemory
import CorralPlanner
import DaemonFixtures
import Foundation
import Testing

@testable import CorralDaemon

struct CorrectionFileTests {
    private func store() throws -> CorrectionStore {
        var store = CorrectionStore()
        let key = CorrectionKey(files: "1:2:3", engine: "llama.cpp b11434", options: "chat")
        let plan = try MemoryPlanSample.plan
        store.record(
            .host(.mebibytes(9)),
            at: .fullBatch,
            filledTokens: 512,
            for: key,
            name: "a",
            planned: plan
        )
        return store
    }

    @Test func `what was measured is found again, in a folder of the user's own`() throws {
        let folder = try ModelFolder()
        let file = CorrectionFile(path: folder.path + "/state/corral/corrections.json")
        #expect(file.read() == CorrectionStore())
        let store = try store()
        try file.write(store)
        #expect(file.read() == store)
        let attributes = try FileManager.default.attributesOfItem(
            atPath: folder.path + "/state/corral"
        )
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        let names = try FileManager.default.contentsOfDirectory(
            atPath: folder.path + "/state/corral"
        )
        #expect(names == ["corrections.json"], "nothing half-written is left")
    }

    @Test(arguments: ["", "{", "[]", "{\"version\":1}", "{\"version\":9,\"entries\":[]}"])
    func `a file that makes no sense counts as empty`(text: String) throws {
        let folder = try ModelFolder()
        let path = try folder.add("corrections.json", Array(text.utf8))
        #expect(CorrectionFile(path: path).read() == CorrectionStore())
    }

    @Test func `the file is in the state folder`() {
        let environment = UserEnvironment(variables: [
            "HOME": "/home/me", "XDG_STATE_HOME": "/state",
        ])
        #expect(CorrectionFile(environment).path == "/state/corral/corrections.json")
        let usual = UserEnvironment(variables: ["HOME": "/home/me"])
        #expect(CorrectionFile(usual).path == "/home/me/.local/state/corral/corrections.json")
    }
}

/// Any plan.
enum MemoryPlanSample {
    static var plan: MemoryPlan {
        get throws {
            let folder = try ModelFolder()
            let path = try folder.addModel("Tiny-F32.gguf")
            return try MemoryPlanner(ModelDescription(GGUFFile(path: path))).plan(LoadOptions())
        }
    }
}
