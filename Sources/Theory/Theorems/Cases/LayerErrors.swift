internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks

extension NetworkCase {
    /// `e₁ … e_N` of `il` after some steps.
    func inferredErrors(steps: Int, stepSize: Double) -> PerLayer<Matrix<Double>> {
        var state = InferenceState<Double>(architecture: architecture, examples: problem.batch.size)
        InferenceLearning.standard(steps: steps, stepSize: stepSize).infer(LearningProblem(problem), in: &state)
        return state.errors
    }

    /// The same at the equilibrium; nil where inference does not reach it.
    func equilibriumErrors() -> PerLayer<Matrix<Double>>? {
        guard let equilibrium = try? EquilibriumCase(.standard(), self) else { return nil }
        var errors = equilibrium.activities
        for n in 0..<architecture.depth {
            var prediction = equilibrium.activities[n + 1]
            problem.network.predict(layer: n, rates: equilibrium.rates[n], into: &prediction)
            if n + 1 < architecture.depth {
                errors[n + 1].add(prediction, scaledBy: -1)
            } else {
                problem.loss.gradient(prediction, targets: problem.batch.targets, into: &errors[n + 1])
                errors[n + 1].scale(by: -1)
            }
        }
        return errors
    }
}
