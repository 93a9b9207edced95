internal import LinearAlgebra
internal import Networks

/// Inference on rates, for layers that apply the linear map first: `h = φ(z)`, `z = W h_below`.
///
/// The state's `activities` and `rates` of a hidden layer are then the same numbers, its `predictions` are `φ(z)`,
/// and its `errors` are `φ′(z) ⊙ (h − φ(z))`: minus the gradient of the layer's energy with respect to `z`, what
/// both the feedback and the weight update take.
extension InferenceState {
    /// As `begin`, for inference on rates.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    mutating func beginLinearFirst(_ problem: LearningProblem<Scalar>, _ inference: EulerInference) {
        let hidden = problem.network.architecture.hiddenLayers
        assignInputs(problem, inference.conventions)
        // `assignInputs` leaves z of the first layer.
        if hidden.contains(1) { activate(layer: 1, problem) }
        switch inference.start {
        case .feedforward:
            for n in hidden {
                activities[n].copy(from: predictions[n])
                assignRatesFromActivities(layer: n, problem)
                predictAndActivate(layer: n, problem)
            }
            recordLoss(problem)
        case .random(let seed):
            drawActivities(seed: seed)
            for n in hidden {
                assignRatesFromActivities(layer: n, problem)
                predictAndActivate(layer: n, problem)
            }
        }
        for n in hidden { assignErrorOfRates(layer: n) }
        assignOutput(problem, inference.output, inference.conventions, isFirst: true)
    }

    /// As `advance`, for inference on rates.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    mutating func advanceLinearFirst(_ problem: LearningProblem<Scalar>, by inference: EulerInference) {
        let architecture = problem.network.architecture
        let stepSize = Scalar(inference.stepSize)
        let leak = Scalar(inference.stepSize * inference.leak)
        for n in architecture.hiddenLayers {
            assignFedBackErrors(layer: n, problem)
            let isTop = n == architecture.depth - 1
            let share = isTop ? Scalar(inference.conventions.outputFeedback) : 1
            // h − γλ(h − φ(z)) − κh + γ·feedback; the decay is of h before the step.
            activities[n].scale(by: 1 - leak - Scalar(inference.decay))
            activities[n].add(predictions[n], scaledBy: leak)
            activities[n].add(feedback[n], scaledBy: stepSize * share)
            assignRatesFromActivities(layer: n, problem)
        }
        for n in architecture.hiddenLayers { predictAndActivate(layer: n, problem) }
        for n in architecture.hiddenLayers { assignErrorOfRates(layer: n) }
        assignOutput(problem, inference.output, inference.conventions, isFirst: false)
    }

    private mutating func assignRatesFromActivities(layer n: Int, _ problem: LearningProblem<Scalar>) {
        rates[n].copy(from: activities[n])
        rates[n].assignSquaredColumnNorms(
            plus: problem.biasShare(ofLayer: n), to: &squaredNorms[n])
    }

    /// Layer `n`'s prediction of the next layer; the output's is its logits.
    private mutating func predictAndActivate(layer n: Int, _ problem: LearningProblem<Scalar>) {
        predict(layer: n, problem)
        if problem.network.architecture.hiddenLayers.contains(n + 1) { activate(layer: n + 1, problem) }
    }

    /// `z` in the predictions of layer `n` becomes `φ(z)`; its slopes are `φ′(z)`.
    private mutating func activate(layer n: Int, _ problem: LearningProblem<Scalar>) {
        let activation = problem.network.architecture.activation(ofLayer: n)
        activation.slope(predictions[n], into: &slopes[n])
        let count = predictions[n].count
        predictions[n].withMutablePointer { activation.evaluate($0, count: count, into: $0) }
    }

    private mutating func assignErrorOfRates(layer n: Int) {
        errors[n].assignDifference(activities[n], predictions[n])
        errors[n].multiply(elementwise: slopes[n])
    }
}
