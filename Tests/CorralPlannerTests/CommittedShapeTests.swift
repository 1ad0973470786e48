import CorralMemory
import CorralPlanner
import Testing

/// What llama.cpp says of the shapes that lie in this repository.
struct CommittedShapeTests {
    let shapes: CommittedShapes

    init() throws { shapes = try CommittedShapes() }

    @Test func `weights, caches and output of the committed shapes are exact to the byte`() throws {
        var cells = 0
        for model in shapes.models {
            let planner = try model.planner()
            for cell in model.cells {
                let plan = try planner.plan(try options(cell))
                let place = "\(model.name) \(cell.configuration)"
                cells += 1
                #expect(plan.buffers.map(\.name).sorted() == cell.buffers.keys.sorted(), "\(place)")
                for buffer in plan.buffers {
                    let told = try #require(cell.buffers[buffer.name])
                    #expect(buffer.weights.bytes.rawValue == told.model, "\(place) \(buffer.name)")
                    let context = buffer.cache.bytes + buffer.recurrent.bytes
                    #expect(context.rawValue == told.context, "\(place) \(buffer.name)")
                }
                #expect(plan.output.bytes.rawValue == cell.output, "\(place)")
                #expect(plan.contextTokens == cell.contextTokens, "\(place)")
                #expect(plan.contextTokensPerSequence == cell.sequenceTokens, "\(place)")
                #expect(plan.flashAttention == cell.isFused, "\(place)")
            }
        }
        #expect(cells >= 150)
    }

    @Test func `plans of the committed shapes are never under, and at most 6 percent over`() throws
    {
        let bounded = Set(ModelDescription.boundedArchitectures)
        for model in shapes.models {
            let planner = try model.planner()
            // A bound is never below either, but has no measure above.
            let isBounded = bounded.contains(planner.model.architecture)
            for cell in model.cells {
                let plan = try planner.plan(try options(cell))
                let planned = plan.buffers.reduce(0) { $0 + $1.compute.bytes.rawValue }
                let told = cell.buffers.values.reduce(0) { $0 + $1.compute }
                let share = Double(planned - told) / Double(cell.total)
                let most = isBounded ? Double.infinity : 0.06
                #expect((0...most).contains(share), "\(model.name) \(cell.configuration)")
            }
        }
    }

    /// The figures were taken on x86-64 with AVX-512.
    private func options(_ cell: CommittedShapes.Cell) throws -> LoadOptions {
        LoadOptions(
            context: try #require(shapes.configurations[cell.configuration]),
            cpu: [.avx2, .avx512],
            loadMode: .copied
        )
    }
}
