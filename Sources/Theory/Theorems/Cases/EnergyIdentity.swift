internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import Randomness
internal import RealModule

/// What T2 and T3 have in common: weights θ away from `θ_b`, and both sides of
/// `P(θ) = E(h) + Σ‖W − W(h)‖²/(2α)` at them.
struct EnergyIdentity {
    let problem: ProximalProblem
    /// θ.
    let weights: Parameters<Double>
    let reference: ReferencePass

    /// The identity at given weights.
    init(_ problem: ProximalProblem, weights: Parameters<Double>) {
        self.problem = problem
        self.weights = weights
        reference = ReferencePass(problem, weights: weights)
    }

    /// θ at a random distance of `θ_b`, relative to its size log-uniform over 10⁻³…10.
    init(_ networkCase: NetworkCase) {
        let problem = networkCase.problem
        let direction = networkCase.randomParameters(stream: 1)
        var random = networkCase.randomGenerator(stream: 2)
        let relative = Double.exp((4 * random.nextUniform() - 3) * Double.log(10))
        let size = max(problem.network.parameters.norm, 1e-3)
        self.init(
            problem, weights: problem.network.parameters + (relative * size / direction.norm) * direction)
    }

    /// `Eₙ₊₁ = Hₙ₊₁ − W_n^b Āₙ`, by definition.
    func error(ofLayer n: Int) -> Matrix<Double> {
        reference.activities[n + 1]
            - problem.network.parameters.layers[n].times(reference.extendedRates[n])
    }

    /// `Wₙ − W_n^b`.
    func move(ofLayer n: Int) -> Matrix<Double> {
        weights.layers[n] - problem.network.parameters.layers[n]
    }

    /// `αP(θ)`, from the reference pass.
    var scaledObjective: Double {
        (0..<problem.network.architecture.depth).reduce(problem.learningRate * reference.meanLoss) {
            $0 + move(ofLayer: $1).squaredNorm / 2
        }
    }

    /// The production's energy at the feedforward activities of θ; nil where a Gram matrix is singular.
    func productionEnergy() -> (value: Double, energy: ActivityEnergy)? {
        guard var energy = try? ActivityEnergy(problem) else { return nil }
        let displacements = PerLayer(energy.feedforward.indices) {
            reference.activities[$0] - energy.feedforward[$0]
        }
        let value = energy.evaluate(at: displacements)
        return value.isFinite ? (value, energy) : nil
    }

    /// What rounding can have done to the loss, in the reference pass and in the production's, times α.
    var lossTolerance: Double {
        var error = reference.logits.mapped { 4 * unitRoundoff * abs($0) }
        var gradient = error
        problem.loss.gradient(reference.logits, targets: problem.batch.targets, into: &gradient)
        let sensitivity = gradient.mapped(abs).dot(error) / Double(problem.batch.size)
        error.scale(by: 8)
        return problem.learningRate
            * (sensitivity + reference.lossError + 16 * unitRoundoff * reference.meanLoss)
    }
}
