public import LinearAlgebra
internal import Networks

/// `bp`: explicit stochastic gradient descent, `Δ = −α∇L(θ_b)`.
public struct Backpropagation: LearningRule {
    public let name = "bp"

    public init() {}

    public func step<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>
    ) throws(RuleError) -> LearningStep<Scalar> {
        let pass = Linearization(
            network: problem.network, batch: problem.batch, loss: problem.loss)
        var update = pass.gradient()
        update.scale(by: -problem.learningRate)
        return LearningStep(update: update)
    }
}
