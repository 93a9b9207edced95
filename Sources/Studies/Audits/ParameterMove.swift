internal import LinearAlgebra
internal import Networks

/// How one tensor moved: the weights or the biases of a layer.
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

    /// One tensor of a network before its step.
    init(
        of place: TensorPlace, _ update: Parameters<Double>, gradient: Parameters<Double>, weights: Parameters<Double>
    ) {
        func norm(_ parameters: Parameters<Double>) -> Double { parameters.layers[place.layer].columns(place.columns).norm }
        tensor = place.name
        layer = place.layer
        isBias = place.isBias
        columns = place.columns
        isHeld = place.isHeld
        updateNorm = norm(update)
        normBefore = norm(weights)
        gradientNorm = norm(gradient)
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
