import DataSets
import Foundation
import Testing

typealias Tensor = Safetensors.Tensor

/// Hand-written cases.
enum CaseFixtures {
    /// One linear layer 2 → 1 without bias: `W = [1, 2]`, `x = [3, −1]`, `y = 0`, so `Wx = 1`,
    /// `‖x‖² = 10`, and by T5 `Δ = −α/(1 + 10α)·[3, −1]`.
    static let linear = [
        Tensor(name: "layers.0.weight", shape: [1, 2], values: [1, 2]),
        Tensor(name: "x", shape: [1, 2], values: [3, -1]),
        Tensor(name: "y", shape: [1, 1], values: [0]),
    ]

    /// 20-30-10 with biases, three examples and F32 weights.
    static var wide: [Tensor] {
        func numbers(_ count: Int, _ phase: Double) -> [Double] {
            (0..<count).map { Double(Float(sin(phase + 1.7 * Double($0)) / 4)) }
        }
        return [
            Tensor(name: "layers.0.weight", shape: [30, 20], elementType: .float32, values: numbers(600, 0)),
            Tensor(name: "layers.0.bias", shape: [30], elementType: .float32, values: numbers(30, 1)),
            Tensor(name: "layers.1.weight", shape: [10, 30], elementType: .float32, values: numbers(300, 2)),
            Tensor(name: "layers.1.bias", shape: [10], elementType: .float32, values: numbers(10, 3)),
            Tensor(name: "x", shape: [3, 20], elementType: .float32, values: numbers(60, 4)),
            Tensor(name: "y", shape: [3, 10], elementType: .float32, values: numbers(30, 5)),
        ]
    }

    /// 3-4-2 with biases and two examples; targets are probabilities and so suit every loss.
    static func deep(_ type: Safetensors.ElementType = .float64) -> [Tensor] {
        func numbers(_ count: Int, _ phase: Double) -> [Double] {
            (0..<count).map { Double(Float(sin(phase + 1.7 * Double($0)))) }
        }
        return [
            Tensor(
                name: "layers.0.weight", shape: [4, 3], elementType: type, values: numbers(12, 0)),
            Tensor(name: "layers.0.bias", shape: [4], elementType: type, values: numbers(4, 1)),
            Tensor(name: "layers.1.weight", shape: [2, 4], elementType: type, values: numbers(8, 2)),
            Tensor(name: "layers.1.bias", shape: [2], elementType: type, values: numbers(2, 3)),
            Tensor(name: "x", shape: [2, 3], elementType: type, values: numbers(6, 4)),
            Tensor(name: "y", shape: [2, 2], elementType: type, values: [1, 0, 0.25, 0.75]),
        ]
    }
}

extension Workspace {
    /// Writes a case and returns its name, which is also its path for runs in this directory.
    @discardableResult
    func write(
        _ tensors: [Tensor], _ name: String = "case.safetensors", metadata: [String: String] = [:]
    ) throws -> String {
        try Safetensors(tensors: tensors, metadata: metadata).write(to: path(name))
        return name
    }

    func read(_ name: String) throws -> Safetensors { try Safetensors(path: path(name)) }
}

extension Safetensors {
    func tensor(named name: String) throws -> Tensor { try #require(tensors.first { $0.name == name }) }
}

extension [Tensor] {
    /// The same tensors with one changed, left out (`nil`) or added.
    func with(_ name: String, _ change: (Tensor) -> Tensor?) -> [Tensor] {
        compactMap { $0.name == name ? change($0) : $0 }
    }

    func without(_ name: String) -> [Tensor] { filter { $0.name != name } }

    func adding(_ name: String, _ shape: [Int], _ values: [Double]) -> [Tensor] {
        self + [Tensor(name: name, shape: shape, values: values)]
    }

    func setting(_ name: String, _ index: Int, to value: Double) -> [Tensor] {
        with(name) {
            var changed = $0
            changed.values[index] = value
            return changed
        }
    }

    func reshaping(_ name: String, _ shape: [Int]) -> [Tensor] {
        with(name) {
            let count = shape.reduce(1, *)
            var changed = $0
            changed.shape = shape
            changed.values = (0..<count).map { changed.values[$0 % changed.values.count] }
            return changed
        }
    }
}
