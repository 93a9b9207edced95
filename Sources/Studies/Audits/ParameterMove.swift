internal import CaseFiles
internal import LinearAlgebra
internal import Networks

/// How the weights or the biases of one layer moved.
public struct ParameterMove: Sendable, Hashable {
    /// The name of the tensor.
    public let tensor: String
    public let layer: Int
    public let isBias: Bool
    /// `‖Δ‖` of this tensor, and its norm before.
    public let updateNorm: Double
    public let normBefore: Double
    /// `‖∇L(θ_b)‖` of this tensor.
    public let gradientNorm: Double

    /// Its columns among those of its layer.
    let columns: Range<Int>
    /// Whether it did not move because the step that the others made is lost to rounding in it.
    public internal(set) var isLost = false

    /// Whether it is held by request.
    public let isHeld: Bool

    /// Whether it did not move at all, although the gradient asks it to and rounding does not hide that.
    public var isFrozen: Bool { updateNorm == 0 && gradientNorm > 0 && !isLost }
    /// Whether steps that are compared with leave it where it is.
    var isLeftOut: Bool { isHeld || isFrozen }

    /// All tensors of a network, layer by layer.
    static func all(
        _ update: Parameters<Double>, gradient: Parameters<Double>, in network: Network<Double>,
        held: HeldParameters = .none
    ) -> [ParameterMove] {
        network.architecture.biases.indices.flatMap { n in
            let width = network.architecture.widths[n]
            let weights = network.parameters.layers[n]
            return (network.architecture.biases[n] ? [false, true] : [false]).map { isBias in
                let range = isBias ? width..<(width + 1) : 0..<width
                let name: TensorName = isBias ? .bias(n) : .weight(n)
                return ParameterMove(
                    tensor: name.text, layer: n, isBias: isBias,
                    updateNorm: update.layers[n].columns(range).norm,
                    normBefore: weights.columns(range).norm,
                    gradientNorm: gradient.layers[n].columns(range).norm, columns: range,
                    isHeld: isBias ? held.holdsBias(ofLayer: n) : held.holdsWeights(ofLayer: n))
            }
        }
    }

    /// `direction` with zeros in the place of all tensors but some.
    static func part(
        _ direction: Parameters<Double>, of moves: [ParameterMove], where isKept: (ParameterMove) -> Bool
    ) -> Parameters<Double> {
        var result = direction
        for move in moves where !isKept(move) {
            for j in move.columns {
                for i in 0..<result.layers[move.layer].rows { result.layers[move.layer][i, j] = 0 }
            }
        }
        return result
    }

    /// `gradient` with zeros in the place of frozen and held tensors: the gradient of a step that holds them fixed.
    static func mask(_ gradient: Parameters<Double>, keeping moves: [ParameterMove]) -> Parameters<Double> {
        part(gradient, of: moves) { !$0.isLeftOut }
    }
}
