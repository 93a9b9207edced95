internal import LinearAlgebra
internal import Networks

/// Inference steps of a single example that read the weights once: see `PackedLayer`.
extension InferenceState {
    /// Packing takes as long as two steps, of which it saves half; in room that is new, memory that the system has to clear makes
    /// it several times as long.
    static func stepsWorthPacking(_ use: Use) -> Int {
        switch use {
        case .once: 25
        case .repeatedly: 5
        }
    }

    /// Packs the hidden weights for steps by `advanceInOnePass`, and says whether that is possible: only for a single
    /// example and dense layers. Costs about two steps.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    mutating func packWeights(_ problem: LearningProblem<Scalar>) -> Bool {
        let architecture = problem.network.architecture
        guard problem.batch.size == 1, architecture.isDense, !architecture.hiddenLayers.isEmpty else { return false }
        if packed.isEmpty {
            packed = PerLayer(architecture.hiddenLayers) {
                PackedLayer(
                    rows: architecture.widths[$0 + 1], columns: architecture.widths[$0],
                    hasBias: architecture.weightLayers[$0].hasBias)
            }
        }
        for n in packed.indices { packed[n].assign(problem.network.parameters.layers[n]) }
        return true
    }

    /// All steps, as `advance` makes them one by one, with weights that `packWeights` has packed.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    mutating func advanceInOnePass(_ problem: LearningProblem<Scalar>, by inference: EulerInference) {
        let architecture = problem.network.architecture
        // What does not change from step to step is taken out of them: looking it up took a tenth of their time.
        let steps = PerLayer(architecture.hiddenLayers) {
            EulerStep<Scalar>(inference, architecture.activation(ofLayer: $0), bias: problem.biasShare(ofLayer: $0))
        }
        for _ in 0..<inference.steps {
            moveOutput(problem, by: inference)
            // From the top, because a layer's step takes the norms of the layer below from before, and its errors
            // those of the layer above.
            for n in packed.indices.reversed() {
                moveInOnePass(layer: n, steps[n], inference)
                if n + 1 < packed.endIndex { errors[n + 1].assignDifference(activities[n + 1], predictions[n + 1]) }
            }
            errors[1].assignDifference(activities[1], predictions[1])
            assignOutput(problem, inference.output, inference.conventions, isFirst: false)
        }
    }

    /// Moves hidden layer `n`, and predicts the next one from its new rates.
    private mutating func moveInOnePass(layer n: Int, _ step: EulerStep<Scalar>, _ inference: EulerInference) {
        let isTop = n + 1 == packed.endIndex
        step.move(
            through: &packed[n], feedbackFactor: isTop ? Scalar(inference.conventions.outputFeedback) : 1,
            updatesFeedback: inference.feedback == .updated, nextErrors: errors[n + 1], prediction: &predictions[n + 1],
            &activities[n], rates: &rates[n], squaredNorms: &squaredNorms[n], feedback: &feedback[n], errors: errors[n],
            squaredNormBelow: squaredNorms[n - 1][0], slopes: &slopes[n])
    }
}
