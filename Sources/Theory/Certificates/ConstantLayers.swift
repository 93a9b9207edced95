internal import ImplicitSGD
internal import Intervals
internal import LinearAlgebra
internal import Networks

/// Where no small change of the weights moves a layer's activities off 0, because all its inputs are constant zeros and
/// it has no bias.
///
/// The network's inputs are constant; the rates of a ReLU layer whose activities are all negative are zero near the
/// point in question; so are the rates of a constant layer, if `φ(0) = 0`. The units of a constant layer sit on their
/// kinks and stay there: their slopes are in no derivative of `P_α`, and neither side is a way down.
struct ConstantLayers {
    /// For each hidden layer `n = 1..<N`, at index `n − 1`, and each example.
    private(set) var areConstant: [[Bool]] = []

    init(_ problem: ProximalProblem, activities: [BallMatrix]) {
        let architecture = problem.network.architecture
        let examples = 0..<problem.batch.size
        var areSilent = examples.map { problem.batch.inputs.column($0).allSatisfy { $0 == 0 } }
        for n in architecture.hiddenLayers {
            let areConstant = areSilent.map { $0 && !architecture.biases[n - 1] }
            self.areConstant.append(areConstant)
            let activation = architecture.activation(ofLayer: n)
            let isZeroAtZero = activation.enclosure(.zero) == .zero
            areSilent = examples.map { example in
                let isDead = activation == .relu
                    && (0..<architecture.widths[n]).allSatisfy { activities[n - 1][$0, example].upper < 0 }
                return isDead || areConstant[example] && isZeroAtZero
            }
        }
    }
}
