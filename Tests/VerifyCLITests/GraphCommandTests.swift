import DataSets
import Foundation
import LinearAlgebra
import Testing

/// `prox` and `compare` on files whose metadata describe a graph.
struct GraphCommandTests {
    @Test("a convolution with squared error has its closed form", arguments: [0.1, 1, 30])
    func convolution(alpha: Double) throws {
        let workspace = try Workspace()
        let path = try workspace.write(ConvolutionFixture.tensors, metadata: ["network": ConvolutionFixture.network])
        let run = try Executable.run(
            ["prox", path, "--alpha", "\(alpha)", "--format", "json", "--output", "plus.safetensors"], in: workspace)
        let object = try run.object()
        #expect(run.status == 0 && object["isExact"] as? Bool == true && object["minimum"] as? String == "strict")
        #expect(Set(object.keys) == Set(ProxCommandTests.keys))
        let plus = try workspace.read("plus.safetensors")
        let expected = try ConvolutionFixture.closedForm(alpha: alpha)
        let found = try ["k", "b"].flatMap { name in
            let before = ConvolutionFixture.tensors.first { $0.name == name }?.values ?? []
            let after = try plus.tensor(named: name)
            return zip(after.values, before).map { $0 - $1 }
        }
        let size = Matrix(column: expected).norm
        #expect((Matrix(column: found) - Matrix(column: expected)).norm <= 1e-9 * size)
        #expect(plus.metadata["network"] == ConvolutionFixture.network && plus.metadata["loss"] == "squared-error")
    }

    @Test func `rules of graphs are compared, and bp is explicit SGD`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(ConvolutionFixture.tensors, metadata: ["network": ConvolutionFixture.network])
        let run = try Executable.run(["compare", path, "--alpha", "1e-6", "--format", "json"], in: workspace)
        let rows = try #require(try run.json() as? [[String: Any]])
        #expect(rows.map { $0["rule"] as? String } == ["bp", "il", "il-prox", "paper-conv", "dfc"])
        // Explicit and implicit steps differ to second order (T6).
        #expect(try #require(rows[0]["relativeDistance"] as? Double) < 1e-4)
    }

    /// A network without hidden nodes has nothing to control: `dfc` is then `bp` at every gain.
    @Test func `dfc on a graph takes a gain, and bp alone does not`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(ConvolutionFixture.tensors, metadata: ["network": ConvolutionFixture.network])
        let run = try Executable.run(
            ["compare", path, "--alpha", "1", "--rules", "bp,dfc", "--gain", "3", "--format", "json"], in: workspace)
        let rows = try #require(try run.json() as? [[String: Any]])
        let distances = rows.compactMap { $0["relativeDistance"] as? Double }
        #expect(distances.count == 2 && abs(distances[0] - distances[1]) <= 1e-9 * distances[0])
        let refused = try Executable.run(["compare", path, "--rules", "bp", "--gain", "2"], in: workspace)
        #expect(refused.status == 64 && refused.errors.contains("--gain"))
    }

    @Test("what graphs do not have is refused in words", arguments: [
        (["prox", "--proved"], "--proved"), (["prox", "--starts", "3"], "--starts"), (["prox", "--global"], "--global"),
        (["prox", "--alpha-layers", "1,2"], "--alpha-layers"), (["prox", "--solver", "activity-space"], "--solver"),
        (["prox", "--activation", "tanh"], "--activation"), (["compare", "--rules", "seq-il"], "seq-il"),
        (["compare", "--rules", "bp,il-prox", "--epsilon", "3"], "--epsilon"), (["compare", "--rules", "bp", "--steps", "3"], "--steps"), (["audit", "after.safetensors", "--hold", "biases"], "--hold"),
        (["audit", "after.safetensors", "--rules", "seq-il"], "seq-il"),
    ])
    func refusals(arguments: [String], word: String) throws {
        let workspace = try Workspace()
        let path = try workspace.write(ConvolutionFixture.tensors, metadata: ["network": ConvolutionFixture.network])
        try workspace.write(ConvolutionFixture.tensors, "after.safetensors", metadata: ["network": ConvolutionFixture.network])
        let run = try Executable.run([arguments[0], path] + arguments.dropFirst(), in: workspace)
        #expect(run.status == 64 && run.errors.contains(word), "\(run.errors)")
    }

    @Test func `paper-conv is no rule of chains`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(CaseFixtures.linear)
        let run = try Executable.run(["compare", path, "--loss", "squared-error", "--rules", "paper-conv"], in: workspace)
        #expect(run.status == 64 && run.errors.contains("for graphs"))
    }

    @Test("a description that is wrong is bad data", arguments: [
        ("\"version\": 1", "\"version\": 2", "version"), ("\"flatten\"", "\"max-pool\"", "max-pool"),
        ("\"weight\": \"k\"", "\"weight\": \"w\"", "there is no tensor"), ("[2, 3, 3]", "[3, 3, 3]", "expected [2, 3"),
        ("identity", "softmax", "softmax"), ("\"stride\": [2, 1]", "\"stride\": [2, 1], \"dilation\": [2, 2]", "dilation"),
    ])
    func malformed(old: String, new: String, word: String) throws {
        let workspace = try Workspace()
        let text = ConvolutionFixture.network.replacingOccurrences(of: old, with: new)
        #expect(text != ConvolutionFixture.network)
        let path = try workspace.write(ConvolutionFixture.tensors, metadata: ["network": text])
        let run = try Executable.run(["prox", path], in: workspace)
        #expect(run.status == 65 && run.errors.contains(word), "\(run.errors)")
        let stray = try workspace.write(
            ConvolutionFixture.tensors + [Tensor(name: "spare", shape: [1], values: [0])], "stray.safetensors",
            metadata: ["network": ConvolutionFixture.network])
        #expect(try Executable.run(["prox", stray], in: workspace).errors.contains("spare"))
    }
}
