import DataSets
import Foundation
import LinearAlgebra
import Testing

/// A case whose metadata describe a graph, and its steps from their definition.
enum ConvolutionFixture {
    /// A convolution of 2×3×3 images to 2 channels, kernel 2×2, padded above and below, and nothing else: its loss is a
    /// least-squares problem, whose implicit step has a closed form.
    static let network = """
        {"version": 1, "input": {"name": "x", "shape": [2, 3, 3]}, "nodes": [{"name": "o", "activation": "identity", \
        "from": [{"node": "x", "maps": [{"kind": "convolution", "weight": "k", "bias": "b", "stride": [2, 1], \
        "padding": [1, 0]}, {"kind": "flatten"}]}]}], "output": "o", "loss": "squared-error"}
        """

    static func numbers(_ count: Int, _ phase: Double) -> [Double] {
        (0..<count).map { sin(phase + 1.7 * Double($0)) }
    }

    static let tensors = [
        Tensor(name: "k", shape: [2, 2, 2, 2], values: numbers(16, 0)), Tensor(name: "b", shape: [2], values: numbers(2, 1)),
        Tensor(name: "x", shape: [2, 2, 3, 3], values: numbers(36, 2)), Tensor(name: "y", shape: [2, 8], values: numbers(16, 3)),
    ]

    /// The outputs' derivatives by the 18 parameters, by loops over pixels in PyTorch's order of everything.
    static func design() -> Matrix<Double> {
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

    /// `∇L(w_b) = 1/B Aᵀ(Aw_b − y)`.
    static func gradient() throws -> [Double] {
        let design = design()
        let rest = (try Matrix.product(design, .none, before)) - Matrix(column: tensors[3].values)
        return (0.5 * (try Matrix.product(design, .transposed, rest))).elements
    }

    /// `w_b`: the kernels, then the biases.
    private static let before = Matrix(column: tensors[0].values + tensors[1].values)

    /// `Δ = α/B Aᵀ(I + α/B AAᵀ)⁻¹(y − Aw)` (T5).
    static func closedForm(alpha: Double) throws -> [Double] {
        let design = design()
        let rest = Matrix(column: tensors[3].values) - (try Matrix.product(design, .none, before))
        var gram = try Matrix.product(design, .none, design, .transposed)
        gram.scale(by: alpha / 2)
        for k in 0..<16 { gram[k, k] += 1 }
        let response = try CholeskyFactorization(gram).solve(rest)
        return (alpha / 2 * (try Matrix.product(design, .transposed, response))).elements
    }

    /// The case with `w_b + update` as its parameters.
    static func moved(by update: [Double], _ type: Safetensors.ElementType = .float64) -> [Tensor] {
        var result = Array(tensors[..<2])
        for k in 0..<16 { result[0].values[k] += update[k] }
        for k in 0..<2 { result[1].values[k] += update[16 + k] }
        for n in result.indices { result[n].elementType = type }
        return result
    }
}
