package import LinearAlgebra

/// Parameters that a step does not move: constants of the problem, of which everything else is a function.
///
/// With `S` the parameters that move, implicit SGD minimises `P_α` over `S` alone. Where a bias is held, a layer's Gram
/// matrix is `K = AᵀA` without the bias's 1 (T1, T3); where a whole layer is held, its prediction is the activity: a
/// constraint of the energy over activities.
public struct HeldParameters: Sendable, Hashable {
    /// Tensors that are held together.
    public enum Group: Sendable, Hashable {
        /// All biases, or all weights that meet rates.
        case biases, weights
        /// Both of layer `n`, the layer of the inputs being 0.
        case layer(Int)
        case bias(ofLayer: Int)
        case weight(ofLayer: Int)
    }

    /// What is held, as it was said.
    public let groups: Set<Group>

    public init(_ groups: Set<Group> = []) { self.groups = groups }

    /// Nothing is held.
    public static let none = HeldParameters()

    public var isEmpty: Bool { groups.isEmpty }

    public func holdsBias(ofLayer n: Int) -> Bool {
        !groups.isDisjoint(with: [.biases, .layer(n), .bias(ofLayer: n)])
    }

    public func holdsWeights(ofLayer n: Int) -> Bool {
        !groups.isDisjoint(with: [.weights, .layer(n), .weight(ofLayer: n)])
    }

    /// Checks that a network has what is held, and something that is not.
    ///
    /// - Throws: `NetworkError.held`.
    public func validate(for architecture: Architecture) throws(NetworkError) {
        for group in groups.sorted(by: { $0.name < $1.name }) {
            let exists = switch group {
            case .biases: architecture.biases.contains(true)
            case .weights: true
            case .layer(let n), .weight(ofLayer: let n): architecture.biases.indices.contains(n)
            case .bias(ofLayer: let n): architecture.biases.indices.contains(n) && architecture.biases[n]
            }
            guard exists else {
                throw .held("the network has no \(group.name); its layers are 0 to \(architecture.depth - 1), with a bias: "
                    + (architecture.biases.contains(true)
                        ? architecture.biases.indices.filter { architecture.biases[$0] }.map(String.init).joined(separator: ", ")
                        : "none"))
            }
        }
        guard architecture.biases.indices.contains(where: { !movingColumns(ofLayer: $0, in: architecture).isEmpty })
        else { throw .held("all weights and biases are held, so that nothing moves") }
    }

    /// The columns of `Wₙ` that move: those of the rates, the bias's last one, both, or none.
    package func movingColumns(ofLayer n: Int, in architecture: Architecture) -> Range<Int> {
        let all = architecture.columns(ofLayer: n)
        let weights = all - (architecture.biases[n] ? 1 : 0)
        return (holdsWeights(ofLayer: n) ? weights : 0)..<(holdsBias(ofLayer: n) ? weights : all)
    }

    /// Whether anything of layer `n` is held.
    package func holdsPart(ofLayer n: Int, in architecture: Architecture) -> Bool {
        movingColumns(ofLayer: n, in: architecture).count < architecture.columns(ofLayer: n)
    }

    /// `direction` ← its part in the parameters that move.
    package func clear<Scalar: BLASScalar>(_ direction: inout Parameters<Scalar>, in architecture: Architecture) {
        guard !isEmpty else { return }
        for n in direction.layers.indices { clear(&direction.layers[n], ofLayer: n, in: architecture) }
    }

    /// The same for the weights of one layer.
    package func clear<Scalar: BLASScalar>(_ weights: inout Matrix<Scalar>, ofLayer n: Int, in architecture: Architecture) {
        guard !isEmpty else { return }
        let moving = movingColumns(ofLayer: n, in: architecture)
        for column in 0..<weights.columns where !moving.contains(column) { weights.clearColumn(column) }
    }

    /// The regressors of layer `n` whose weights move: `Ā`, `A`, ones, or nothing; one column for each example.
    package func regressors<Scalar: BLASScalar>(
        ofLayer n: Int, _ rates: Matrix<Scalar>, in architecture: Architecture
    ) -> Matrix<Scalar> {
        let all = architecture.weightLayers[n].regressors(rates)
        guard holdsPart(ofLayer: n, in: architecture) else { return all }
        let rows = movingColumns(ofLayer: n, in: architecture)
        return Matrix(rows: rows.count, columns: all.columns) { i, j in all[rows.lowerBound + i, j] }
    }
}

extension HeldParameters.Group {
    /// As users type it; single tensors have the names that they have in a file.
    public var name: String {
        switch self {
        case .biases: "biases"
        case .weights: "weights"
        case .layer(let n): "layers.\(n)"
        case .bias(ofLayer: let n): "layers.\(n).bias"
        case .weight(ofLayer: let n): "layers.\(n).weight"
        }
    }

    /// The group of a name; `nil` if there is none.
    public init?(name: String) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        if name == "biases" {
            self = .biases
        } else if name == "weights" {
            self = .weights
        } else if parts.count >= 2, parts[0] == "layers", let n = Int(parts[1]), n >= 0, String(n) == parts[1] {
            switch parts.dropFirst(2) {
            case []: self = .layer(n)
            case ["bias"]: self = .bias(ofLayer: n)
            case ["weight"]: self = .weight(ofLayer: n)
            default: return nil
            }
        } else {
            return nil
        }
    }
}

extension HeldParameters: Codable {
    /// The groups of names, separated by commas.
    ///
    /// - Throws: `NetworkError.held` for a name that is none.
    public init(names: String) throws(NetworkError) {
        var groups: Set<Group> = []
        for name in names.split(separator: ",", omittingEmptySubsequences: false) {
            guard let group = Group(name: String(name)) else {
                throw .held(
                    "there is no '\(name)'; expected some of biases, weights, layers.N, layers.N.weight, layers.N.bias, "
                        + "where N counts from 0 at the inputs")
            }
            groups.insert(group)
        }
        self.init(groups)
    }

    public init(from decoder: any Decoder) throws {
        try self.init(names: try String(from: decoder))
    }

    /// One text for each value, so that stored runs are known again.
    public func encode(to encoder: any Encoder) throws { try description.encode(to: encoder) }
}

extension HeldParameters: CustomStringConvertible {
    /// The names in alphabetical order, separated by commas.
    public var description: String { groups.map(\.name).sorted().joined(separator: ",") }

    /// What moves, for provenance lines.
    public var remainder: String { isEmpty ? "all weights and biases" : "all but \(self)" }
}
