import DataSets
import Foundation
import Testing

/// `compare --split`: medians over the mini-batches of a case.
struct SplitComparisonTests {
    /// The examples in `range` of a case of two.
    private static func examples(_ tensors: [Tensor], _ index: Int) -> [Tensor] {
        tensors.map { tensor in
            guard ["x", "y"].contains(tensor.name) else { return tensor }
            var result = tensor
            let size = tensor.values.count / tensor.shape[0]
            result.shape[0] = 1
            result.values = Array(tensor.values[(index * size)..<(index * size + size)])
            return result
        }
    }

    /// The median of two numbers is their mean; each is computed from a case of one example.
    private static func check(_ tensors: [Tensor], _ metadata: [String: String], _ rule: String) throws {
        let workspace = try Workspace()
        let arguments = ["--alpha", "0.3", "--rules", rule, "--format", "json"]
        let path = try workspace.write(tensors, metadata: metadata)
        let distances = try (0..<2).map { index in
            let one = try workspace.write(examples(tensors, index), "one\(index).safetensors", metadata: metadata)
            let run = try Executable.run(["compare", one] + arguments, in: workspace)
            let row = try #require((try run.json() as? [[String: Any]])?.first)
            return try #require(row["relativeDistance"] as? Double)
        }
        #expect(abs(distances[0] - distances[1]) > 1e-3 * distances[0])
        let run = try Executable.run(["compare", path, "--split", "1"] + arguments, in: workspace)
        #expect(run.status == 0, "\(run.errors)")
        let tables = try #require(try run.object()["tables"] as? [[String: Any]])
        let cell = try #require((tables[0]["rows"] as? [[String: Any]])?.first?["alpha=0.3"] as? [String: Double])
        #expect(abs(try #require(cell["median"]) - (distances[0] + distances[1]) / 2) < 1e-9)
        let solves = try #require(tables.last?["rows"] as? [[String: Any]])
        #expect(solves.first?["converged"] as? String == "2 of 2")
    }

    @Test func `a graph`() throws {
        try Self.check(ConvolutionFixture.tensors, ["network": ConvolutionFixture.network], "bp")
    }

    @Test func `a chain`() throws {
        try Self.check(CaseFixtures.deep(.float64), ["activation": "tanh", "loss": "squared-error"], "il-prox")
    }

    @Test("a size that the case has not", arguments: ["0", "3"])
    func sizes(size: String) throws {
        let workspace = try Workspace()
        let path = try workspace.write(ConvolutionFixture.tensors, metadata: ["network": ConvolutionFixture.network])
        let run = try Executable.run(["compare", path, "--split", size], in: workspace)
        #expect(run.status == 64 && run.errors.contains("2 examples"), "\(run.errors)")
    }
}
