package import LinearAlgebra

/// The shape of a network: its layers, fully connected or another kind, and the hidden activations.
///
/// Weight layer `n = 0..<N` maps the rates of layer `n` to the prediction `pₙ₊₁ = Wₙāₙ` of layer
/// `n + 1`; the inputs are layer 0 (its rate is the input itself) and layer `N` holds the logits.
public struct Architecture: Sendable, Hashable {
    /// `d₀ … d_N`.
    public let widths: [Int]
    /// `φ₁ … φ_{N−1}`, one for each hidden layer.
    public let hiddenActivations: PerLayer<Activation>
    /// Whether weight layer `n` has a bias, its last column.
    public let biases: [Bool]
    /// What layers `0..<N` do with their weights.
    package let weightLayers: [any Layer]

    /// A network with its own activation and bias flag for each layer.
    ///
    /// - Throws: `invalidWidths`, or `layerCount` if there are not `N−1` activations and `N` flags.
    public init(
        widths: [Int], hiddenActivations: [Activation], biases: [Bool]
    ) throws(NetworkError) {
        // Hostile widths must not overflow BLAS's 32-bit dimensions or `parameterCount`.
        guard widths.count >= 2, widths.allSatisfy({ $0 > 0 && $0 < 1 << 30 }),
            zip(widths, widths.dropFirst()).reduce(0, { $0 + Double($1.0 + 1) * Double($1.1) }) < 0x1p62
        else { throw .invalidWidths(widths) }
        let depth = widths.count - 1
        guard hiddenActivations.count == depth - 1 else {
            throw .layerCount(
                what: "hidden activations", expected: depth - 1, found: hiddenActivations.count)
        }
        guard biases.count == depth else {
            throw .layerCount(what: "bias flags", expected: depth, found: biases.count)
        }
        self.widths = widths
        self.hiddenActivations = PerLayer(from: 1, hiddenActivations)
        self.biases = biases
        weightLayers = biases.indices.map {
            DenseLayer(inputWidth: widths[$0], outputWidth: widths[$0 + 1], hasBias: biases[$0])
        }
    }

    /// A chain of layers of any kind.
    ///
    /// - Throws: `invalidWidths` if a layer's outputs do not fit the next, `layerCount` unless there is an
    ///   activation between any two.
    package init(
        layers: [any Layer], hiddenActivations: [Activation]
    ) throws(NetworkError) {
        widths = layers.prefix(1).map(\.inputWidth) + layers.map(\.outputWidth)
        guard !layers.isEmpty, zip(widths, layers).allSatisfy({ $0 == $1.inputWidth }) else {
            throw .invalidWidths(widths)
        }
        guard hiddenActivations.count == layers.count - 1 else {
            throw .layerCount(
                what: "hidden activations", expected: layers.count - 1, found: hiddenActivations.count)
        }
        self.hiddenActivations = PerLayer(from: 1, hiddenActivations)
        biases = layers.map(\.hasBias)
        weightLayers = layers
    }

    /// A network with the same activation in every hidden layer.
    ///
    /// - Throws: `invalidWidths`.
    public init(widths: [Int], activation: Activation, bias: Bool = true) throws(NetworkError) {
        try self.init(
            widths: widths,
            hiddenActivations: Array(repeating: activation, count: max(0, widths.count - 2)),
            biases: Array(repeating: bias, count: max(0, widths.count - 1)))
    }

    /// `N`, the number of weight layers.
    public var depth: Int { widths.count - 1 }
    /// `1..<N`.
    public var hiddenLayers: Range<Int> { 1..<depth }
    /// `1…N`, the layers with activities.
    public var layers: Range<Int> { 1..<depth + 1 }
    /// `d₀`.
    public var inputWidth: Int { widths[0] }
    /// `d_N`.
    public var outputWidth: Int { widths[depth] }

    /// The number of columns of `Wₙ`: for a dense layer `dₙ`, and one more with a bias.
    public func columns(ofLayer n: Int) -> Int { weightLayers[n].weightColumns }

    /// The number of weights, biases included.
    public var parameterCount: Int {
        weightLayers.reduce(0) { $0 + $1.weightRows * $1.weightColumns }
    }

    /// `Σ dₙ` for `n ≥ 1`, the number of activities of one example that are not inputs.
    package var activityCount: Int { widths.dropFirst().reduce(0, +) }

    /// The activation of layer `n`: φ₀ and φ_N are the identity.
    public func activation(ofLayer n: Int) -> Activation {
        hiddenLayers.contains(n) ? hiddenActivations[n] : .identity
    }

    /// Whether some hidden activation has a kink.
    public var hasKinks: Bool { hiddenActivations.contains { $0.kink != nil } }

    /// For provenance lines, e.g. `784-256-256-10 relu with bias`.
    public var summary: String {
        let shape = widths.map(String.init).joined(separator: "-")
        let names = Set(hiddenActivations).count <= 1
            ? hiddenActivations.first?.name ?? "linear"
            : hiddenActivations.map(\.name).joined(separator: ",")
        let flags = Set(biases).count <= 1
            ? (biases[0] ? "with bias" : "without bias")
            : "bias in layers " + biases.indices.filter { biases[$0] }.map(String.init).joined(separator: ",")
        return "\(shape) \(names) \(flags)"
    }
}

extension Architecture {
    public static func == (left: Architecture, right: Architecture) -> Bool {
        left.hiddenActivations == right.hiddenActivations
            && left.weightLayers.map { AnyHashable($0) } == right.weightLayers.map { AnyHashable($0) }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(hiddenActivations)
        for layer in weightLayers { hasher.combine(AnyHashable(layer)) }
    }

    /// Whether all layers are fully connected.
    package var isDense: Bool { weightLayers.allSatisfy { $0 is DenseLayer } }

    /// Zero activities `h₁ … h_N` of so many examples.
    package func activities<Scalar: BLASScalar>(examples: Int) -> PerLayer<Matrix<Scalar>> {
        PerLayer(layers) { Matrix(rows: widths[$0], columns: examples) }
    }
}
