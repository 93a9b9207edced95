internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting

/// One step of inference learning run to its equilibrium, with what theorems about it need.
struct EquilibriumCase {
    let update: Parameters<Double>
    /// `h₁ … h_N`.
    let activities: PerLayer<Matrix<Double>>
    /// `a₀ … a_{N−1}`.
    let rates: PerLayer<Matrix<Double>>
    /// The field of inference relative to its two opposing parts: the certificate.
    let residual: Double

    /// - Parameter accepted: A residual up to which inference that stopped short of the rule's tolerance counts, for
    ///   checks whose tolerance contains the residual that was reached.
    /// - Throws: `Discard` where the rule is not defined or inference did not reach its equilibrium.
    init(
        _ rule: EquilibriumInferenceLearning, _ networkCase: NetworkCase, weights: Network<Double>? = nil,
        acceptingResidual accepted: Double = 0
    ) throws {
        let problem = networkCase.problem
        var learning = LearningProblem(problem)
        if let weights { learning.network = weights }
        // The error of an undefined rule is a fact about the case, so it is counted by kind.
        guard let step = try? rule.step(learning) else { throw Discard("the rule is undefined: all rates of a layer zero") }
        guard let status = step.equilibrium, status.isConverged || status.residual <= accepted,
            let activities = step.activities
        else {
            throw Discard("inference stopped before its equilibrium")
        }
        update = step.update
        self.activities = activities
        residual = status.residual
        let architecture = networkCase.architecture
        var rates = PerLayer(from: 0, [problem.batch.inputs] + activities.dropLast())
        for n in architecture.hiddenLayers {
            architecture.activation(ofLayer: n).evaluate(activities[n], into: &rates[n])
        }
        self.rates = rates
    }
}

extension Matrix<Double> {
    /// The entrywise product.
    func scaled(elementwise other: Matrix) -> Matrix {
        Matrix(rows: rows, columns: columns) { i, j in self[i, j] * other[i, j] }
    }
}

/// `excess / tolerance`, 0 if there is no excess: for inequalities, and where both may be zero.
func excessMargin(_ excess: Double, tolerance: Double) -> Double {
    excess <= 0 ? 0 : excess / tolerance
}
