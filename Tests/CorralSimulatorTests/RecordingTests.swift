import CorralCache
import CorralMemory
import CorralSimulator
import Testing

@Suite struct RecordingTests {
    private static let chat = ModelID(path: "chat.gguf", role: .chat)
    private static let embed = ModelID(path: "embed.gguf", role: .embed)

    @Test func `a request came when it began to wait, and lasted until it was given back`() {
        var recording = WorkloadRecording(from: 100)
        recording.note(.loadStarted(ByteCount(7000)), of: Self.chat, name: "chat", at: 101)
        recording.note(.loadFinished(seconds: 2), of: Self.chat, name: "chat", at: 103)
        recording.note(.granted(waited: 2.5), of: Self.chat, name: "chat", at: 103)
        recording.note(.granted(waited: 0), of: Self.chat, name: "chat", at: 104)
        recording.note(.released(held: 1), of: Self.chat, name: "chat", at: 105)
        recording.note(.released(held: 7), of: Self.chat, name: "chat", at: 110)
        let workload = recording.workload(until: 200)
        #expect(workload.requests.map(\.time) == [0.5, 4])
        #expect(workload.requests.map(\.service) == [7, 1])
        #expect(workload.models.map(\.bytes) == [ByteCount(7000)])
        #expect(workload.models.map(\.loadSeconds) == [["load_s_observed": 2]])
    }

    @Test func `what began before counts from zero, what has not ended ends with the recording`() {
        var recording = WorkloadRecording(from: 100)
        recording.note(.released(held: 30), of: Self.chat, name: "chat", at: 101)
        recording.note(.granted(waited: 50), of: Self.embed, name: "embed", at: 120)
        #expect(recording.count == 2)
        let workload = recording.workload(until: 150)
        #expect(workload.requests.map(\.time) == [0, 0])
        #expect(workload.requests.map(\.service) == [30, 30])
        #expect(workload.requests.map(\.model) == [0, 1])
    }

    @Test func `a model nobody asked for is left out, one never loaded is judged by the others`() {
        var recording = WorkloadRecording(from: 0)
        recording.describe(Self.chat, name: "c", bytes: ByteCount(2_000_000_000), loadSeconds: 4.8)
        recording.describe(Self.embed, name: "e", bytes: ByteCount(1_000_000_000), loadSeconds: nil)
        recording.note(.granted(waited: 0), of: Self.embed, name: "e", at: 1)
        recording.note(.released(held: 1), of: Self.embed, name: "e", at: 2)
        recording.note(.refused, of: Self.chat, name: "c", at: 2)
        let workload = recording.workload(until: 3)
        #expect(recording.refusals == 1)
        #expect(workload.models.map(\.name) == ["e"])
        // 0.8 s to start, then 2 s a gigabyte, as the other took.
        let seconds = workload.models[0].loadSeconds["load_s_observed"] ?? 0
        #expect(abs(seconds - 2.8) < 1e-9)
    }

    @Test func `what is written is read again as it was`() throws {
        var recording = WorkloadRecording(from: 0)
        for number in 0..<50 {
            let (id, name) = number % 3 == 0 ? (Self.embed, "e,1") : (Self.chat, "c")
            let time = Double(number) * 1.25
            recording.describe(id, name: name, bytes: ByteCount(1_000_000), loadSeconds: 1.5)
            recording.note(.granted(waited: 0.125), of: id, name: name, at: time + 0.125)
            recording.note(.released(held: 0.5), of: id, name: name, at: time + 0.625)
        }
        let written = recording.workload(until: 100)
        let packed = try Gzip.packed(Array(written.requestsTable.utf8))
        let read = try Workload(requests: packed, models: Array(written.modelsTable.utf8))
        #expect(read.requests == written.requests)
        #expect(read.requests.count == 50)
        #expect(read.models.map(\.name) == ["e_1", "c"])
        #expect(read.models.map(\.loadSeconds) == written.models.map(\.loadSeconds))
        #expect(read.costColumns == ["load_s_observed"])
    }
}
