import CorralMemory
import CorralSimulator
import Testing

@Suite struct WorkloadTests {
    private static let models = """
        model,name,resident_bytes,load_s_linear
        7,small,1000,1.5
        9,large,2000,2.5
        """

    private func read(_ requests: String, _ models: String = Self.models) throws -> Workload {
        try Workload(requests: Array(requests.utf8), models: Array(models.utf8))
    }

    @Test func `a workload is read by its headings, in any order of columns`() throws {
        let workload = try read("model,time_s,service_s\r\n9,0.5,3\r\n7,1.25,4\r\n")
        #expect(workload.requests.map(\.model) == [1, 0])
        #expect(workload.requests.map(\.time) == [0.5, 1.25])
        #expect(workload.requests.map(\.service) == [3, 4])
        #expect(workload.models.map(\.name) == ["small", "large"])
        #expect(workload.models[1].bytes == ByteCount(2000))
        #expect(workload.models[1].loadSeconds == ["load_s_linear": 2.5])
    }

    @Test(arguments: [
        ("time_s,model,service_s\n1,8,1\n", "Line 2: Model 8 is not in the table of models"),
        ("time_s,model,service_s\n1,7,1\n0,7,1\n", "Line 3: The request comes before"),
        ("time_s,model,service_s\nx,7,1\n", "Line 2: “x” should be a number"),
        ("time_s,model,service_s\n-1,7,1\n", "Line 2: “-1” should be a number"),
        ("time_s,model,service_s\n1,7\n", "Line 2: There are 2 cells under 3 headings"),
        ("time_s,model\n1,7\n", "The table of requests has no column service_s"),
        ("time_s,model,service_s\n", "The table of requests has no lines"),
        ("", "The table of requests is empty"),
    ])
    func `a wrong table of requests is answered with the line`(table: String, message: String) {
        #expect {
            try read(table)
        } throws: { error in
            "\(error)".hasPrefix(message)
        }
    }

    @Test func `a model that stands twice is answered with the line`() {
        #expect {
            try read("time_s,model,service_s\n1,7,1\n", Self.models + "\n7,again,1,1\n")
        } throws: { error in
            "\(error)".hasPrefix("Line 4: Model 7 stands in the table twice")
        }
    }

    @Test func `an unknown cost column is answered with those there are`() throws {
        let workload = try read("time_s,model,service_s\n1,7,1\n")
        #expect {
            _ = try Simulator(workload, cost: "load_s_tape", budget: ByteCount(9000))
        } throws: { error in
            "\(error)".contains("no cost column load_s_tape; they have load_s_linear")
        }
    }
}
