import DataSets
import Foundation
import LinearAlgebra
import Testing

/// `prox` and `compare` on files whose metadata describe a graph.
struct GraphCommandTests {
    /// A convolution of 2×3×3 images to 2 channels, kernel 2×2, padded above and below, and nothing else: its loss is a
    /// least-squares problem, whose implicit step has a closed form.
    private static let network = """
        {"version": 1, "input": {"name": "x", "shape": [2, 3, 3]}, "nodes": [{"name": "o", "activation": "identity", \
        "from": [{"node": "x", "maps": [{"kind": "convolution", "weight": "k", "bias": "b", "stride": [2, 1], \
        "padding": [1, 0]}, {"kind": "flatten"}]}]}], "output": "o", "loss": "squared-error"}
        """

    private static func numbers(_ count: Int, _ phase: Double) -> [Double] {
        (0..<count).map { sin(phase + 1.7 * Double($0)) }
    }

    private static let tensors = [
        Tensor(name: "k", shape: [2, 2, 2, 2], values: numbers(16, 0)), Tensor(name: "b", shape: [2], values: numbers(2, 1)),
        Tensor(name: "x", shape: [2, 2, 3, 3], values: numbers(36, 2)), Tensor(name: "y", shape: [2, 8], values: numbers(16, 3)),
    ]

    /// The outputs' derivatives by the 18 parameters, by loops over pixels in PyTorch's order of everything.
    private static func design() -> Matrix<Double> {
        let x = tensors[2].values
        var result = Matrix<Double>(rows: 16, columns: 18)
        for example in 0..<2 {
            for o in 0..<2 {
                for i in 0..<2 {
                    for j in 0..<2 {
                        let row: Int = example * 8 + o * 4 + i * 2 + j
                        result[row, 16 + o] = 1
                        for c in 0..<2 {
                            for ky in 0..<2 {
                                for kx in 0..<2 {
                                    let y: Int = 2 * i + ky - 1
                                    guard y >= 0, y < 3 else { continue }
                                    let weight: Int = ((o * 2 + c) * 2 + ky) * 2 + kx
                                    let pixel: Int = ((example * 2 + c) * 3 + y) * 3 + j + kx
                                    result[row, weight] = x[pixel]
                                }
                            }
                        }
                    }
                }
            }
        }
        return result
    }

    /// `Δ = α/B Aᵀ(I + α/B AAᵀ)⁻¹(y − Aw)` (T5).
    private static func closedForm(alpha: Double) throws -> [Double] {
        let design = design()
        let before = Matrix(column: tensors[0].values + tensors[1].values)
        let rest = Matrix(column: tensors[3].values) - (try Matrix.product(design, .none, before))
        var gram = try Matrix.product(design, .none, design, .transposed)
        gram.scale(by: alpha / 2)
        for k in 0..<16 { gram[k, k] += 1 }
        let response = try CholeskyFactorization(gram).solve(rest)
        return (alpha / 2 * (try Matrix.product(design, .transposed, response))).elements
    }

    @Test("a convolution with squared error has its closed form", arguments: [0.1, 1, 30])
    func convolution(alpha: Double) throws {
        let workspace = try Workspace()
        let path = try workspace.write(Self.tensors, metadata: ["network": Self.network])
        let run = try Executable.run(
            ["prox", path, "--alpha", "\(alpha)", "--format", "json", "--output", "plus.safetensors"], in: workspace)
        let object = try run.object()
        #expect(run.status == 0 && object["isExact"] as? Bool == true && object["minimum"] as? String == "strict")
        #expect(Set(object.keys) == Set(ProxCommandTests.keys))
        let plus = try workspace.read("plus.safetensors")
        let expected = try Self.closedForm(alpha: alpha)
        let found = try ["k", "b"].flatMap { name in
            let before = Self.tensors.first { $0.name == name }?.values ?? []
            let after = try plus.tensor(named: name)
            return zip(after.values, before).map { $0 - $1 }
        }
        let size = Matrix(column: expected).norm
        #expect((Matrix(column: found) - Matrix(column: expected)).norm <= 1e-9 * size)
        #expect(plus.metadata["network"] == Self.network && plus.metadata["loss"] == "squared-error")
    }

    @Test func `rules of graphs are compared, and bp is explicit SGD`() throws {
        let workspace = try Workspace()
        let path = try workspace.write(Self.tensors, metadata: ["network": Self.network])
        let run = try Executable.run(["compare", path, "--alpha", "1e-6", "--format", "json"], in: workspace)
        let rows = try #require(try run.json() as? [[String: Any]])
        #expect(rows.map { $0["rule"] as? String } == ["bp", "il", "il-prox", "paper-conv"])
        // Explicit and implicit steps differ to second order (T6).
        #expect(try #require(rows[0]["relativeDistance"] as? Double) < 1e-4)
    }

    @Test("what graphs do not have is refused in words", arguments: [
        (["prox", "--proved"], "--proved"), (["prox", "--starts", "3"], "--starts"), (["prox", "--global"], "--global"),
        (["prox", "--alpha-layers", "1,2"], "--alpha-layers"), (["prox", "--solver", "activity-space"], "--solver"),
        (["prox", "--activation", "tanh"], "--activation"), (["compare", "--rules", "bp-prox"], "bp-prox"),
        (["compare", "--steps", "3"], "--steps"), (["audit", "after.safetensors"], "graph"),
    ])
    func refusals(arguments: [String], word: String) throws {
        let workspace = try Workspace()
        let path = try workspace.write(Self.tensors, metadata: ["network": Self.network])
        try workspace.write(Self.tensors, "after.safetensors", metadata: ["network": Self.network])
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
        let text = Self.network.replacingOccurrences(of: old, with: new)
        #expect(text != Self.network)
        let path = try workspace.write(Self.tensors, metadata: ["network": text])
        let run = try Executable.run(["prox", path], in: workspace)
        #expect(run.status == 65 && run.errors.contains(word), "\(run.errors)")
        let stray = try workspace.write(
            Self.tensors + [Tensor(name: "spare", shape: [1], values: [0])], "stray.safetensors",
            metadata: ["network": Self.network])
        #expect(try Executable.run(["prox", stray], in: workspace).errors.contains("spare"))
    }
}
