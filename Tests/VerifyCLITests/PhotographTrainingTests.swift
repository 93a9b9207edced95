import Foundation
import Testing

/// Training of graphs on CIFAR-10's binary batches, from the command line.
@Suite struct PhotographTrainingTests {
    /// A linear map of the averages of colour mixtures over the picture: it sees colours, not where they are.
    private static let description = """
        {"version": 1, "input": {"name": "x", "shape": [3, 32, 32]},
         "nodes": [
           {"name": "c", "activation": "relu", "from": [{"node": "x", "maps": [
             {"kind": "convolution", "weight": "k", "bias": "b", "stride": [8, 8]}]}]},
           {"name": "o", "activation": "identity", "from": [{"node": "c", "maps": [
             {"kind": "average-pool", "size": [4, 4], "stride": [4, 4]}, {"kind": "flatten"},
             {"kind": "dense", "weight": "v", "bias": "d"}]}]}],
         "output": "o", "tensors": {"k": [6, 3, 1, 1], "b": [6], "v": [10, 6], "d": [10]}}
        """

    private static let small = [
        "stability", "--network", "graph.json", "--data", "cifar-10", "--data-directory", "photographs",
        "--batch-size", "4", "--rules", "bp-adam,il-adam,paper-conv-adam", "--alpha", "0.02", "--iterations", "300",
        "--seeds", "1", "--quiet",
    ]

    /// Red, green and blue photographs of four brightnesses in `photographs`, with the labels 0, 1 and 2.
    private func workspace(_ description: String = description) throws -> Workspace {
        let workspace = try Workspace()
        try Data(description.utf8).write(to: URL(fileURLWithPath: workspace.path("graph.json")))
        try workspace.writePhotographs(count: 12, in: "photographs") { index in
            let dark = UInt8(20 + 10 * (index % 4))
            let planes = (0..<3).map { $0 == index % 3 ? dark + 180 : dark }
            return Photograph(label: UInt8(index % 3), red: planes[0], green: planes[1], blue: planes[2])
        }
        return workspace
    }

    @Test func `a graph of the photographs' shape learns their colours, from planes as they are`() throws {
        let workspace = try workspace()
        let run = try Executable.run(Self.small + ["--format", "json"], in: workspace)
        #expect(run.status == 0, "\(run.errors)")
        let provenance = try #require(try run.object()["provenance"] as? [String: Any])
        #expect(provenance["dataSet"] as? String == "cifar-10")
        #expect(provenance["network"] as? String == "graph of 2 nodes, 94 parameters in 4 tensors, relu")
        let runs = try StoredRun.all(in: workspace)
        #expect(runs.count == 3)
        for run in runs {
            #expect(run.dataSet.wholeMatch(of: /cifar-10 [0-9a-f]+/) != nil, "\(run.dataSet)")
            #expect(run.rows.last?["testAccuracy"] as? Double == 1, "\(run.rule): \(run.rows)")
        }
        let tables = try Executable.run(Self.small + ["--tables-only", "--format", "csv"], in: workspace)
        #expect(tables.status == 0, "the runs are found again: \(tables.errors)")
    }

    @Test func `the published experiment trains on photographs as they are`() throws {
        let workspace = try workspace()
        let run = try Executable.run(
            [
                "convergence", "--experiment", "cifar10-cnn", "--data-directory", "photographs", "--batch-sizes", "2",
                "--iterations", "2", "--evaluate-every", "1", "--seeds", "1", "--test-examples", "3",
                "--format", "json", "--quiet",
            ], in: workspace)
        #expect(run.status == 0, "\(run.errors)")
        let provenance = try #require(try run.object()["provenance"] as? [String: Any])
        #expect(provenance["dataSet"] as? String == "cifar-10")
        #expect(provenance["network"] as? String == "paper-cnn relu")
        let runs = try StoredRun.all(in: workspace)
        #expect(Set(runs.map(\.rule)) == ["bp-adam", "il-adam", "paper-conv-adam"])
        for run in runs {
            #expect(run.dataSet.wholeMatch(of: /cifar-10 [0-9a-f]+/) != nil, "\(run.dataSet)")
            let losses = run.rows.compactMap { $0["testLoss"] as? Double }
            #expect(Set(losses).count == 2 && losses.allSatisfy(\.isFinite), "\(run.rule): \(losses)")
        }
    }

    @Test func `photographs are padded to a larger input, and refused by a smaller one`() throws {
        let larger = try workspace(
            Self.description.replacingOccurrences(of: "[3, 32, 32]", with: "[3, 34, 36]")
                .replacingOccurrences(of: "\"size\": [4, 4]", with: "\"size\": [5, 5]"))
        let run = try Executable.run(Self.small + ["--format", "json"], in: larger)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("\"dataSet\": \"cifar-10 padded=3x34x36\""))
        let runs = try StoredRun.all(in: larger)
        #expect(runs.count == 3)
        for run in runs {
            #expect(run.dataSet.wholeMatch(of: /cifar-10 [0-9a-f]+ padded=3x34x36/) != nil, "\(run.dataSet)")
        }
        let smaller = try workspace(Self.description.replacingOccurrences(of: "[3, 32, 32]", with: "[3, 32, 30]"))
        let refused = try Executable.run(Self.small, in: smaller)
        #expect(refused.status == 65 && refused.output.isEmpty)
        #expect(refused.errors.contains("the images of cifar-10 have [3, 32, 32]"), "\(refused.errors)")
    }
}
