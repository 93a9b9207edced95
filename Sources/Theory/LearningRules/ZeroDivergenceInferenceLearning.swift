public import LinearAlgebra
internal import Networks

/// `z-il`: inference by steps of size 1, each layer's error read in the one step in which it arrives.
///
/// After `k` steps from the feedforward pass the error has come down `k` layers and no further (T22): layer `N − k` then
/// reads `e_{N−k}` and the rates below it, which have not moved yet, and its weights take `α e ā`. The result is
/// backpropagation, by inference alone.
///
/// Y. Song et al., *Can the brain do backpropagation? Exact implementation of backpropagation in predictive coding
/// networks*, NeurIPS 2020.
public struct ZeroDivergenceInferenceLearning: LearningRule {
    public let name = "z-il"
    public var output: OutputTreatment

    public init(output: OutputTreatment = .clamped) { self.output = output }

    public func step<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>
    ) throws(RuleError) -> LearningStep<Scalar> {
        let architecture = problem.network.architecture
        let inference = EulerInference(steps: 1, stepSize: 1, precision: .unit, output: output)
        var state = InferenceState<Scalar>(architecture: architecture, examples: problem.batch.size)
        state.begin(problem, at: .feedforward, output: output)
        var (arrivedErrors, ratesBelow) = (state.errors, state.rates)
        for n in architecture.hiddenLayers.reversed() {
            state.advance(problem, by: inference)
            arrivedErrors[n] = state.errors[n]
            ratesBelow[n - 1] = state.rates[n - 1]
        }
        state.errors = arrivedErrors
        state.rates = ratesBelow
        return LearningStep(update: try WeightUpdate.local.update(state, problem))
    }
}

extension RuleEntry {
    public static let zeroDivergence = RuleEntry(
        name: "z-il", summary: "inference by steps of 1, each error read as it arrives: bp by inference (T22)",
        settings: [.nudge], chartStyle: 21, deviation: .init(order: 2, theorem: "T6, T22"), paper: "Song 2020"
    ) { ZeroDivergenceInferenceLearning(output: $0.standardOutput) }
}
