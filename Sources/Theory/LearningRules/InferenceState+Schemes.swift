internal import LinearAlgebra
internal import Networks

/// Inference in other orders than all layers at once; see `EulerInference.Scheme`.
extension InferenceState {
    /// All steps of inference with predictions and slopes as they are, after `begin` at the feedforward pass: the
    /// output's error stays, and hidden errors fill up to those of backpropagation (T22).
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    mutating func advanceErrors(_ problem: LearningProblem<Scalar>, by inference: EulerInference) {
        let architecture = problem.network.architecture
        let stepSize = Scalar(inference.stepSize)
        let keep = 1 - stepSize * Scalar(inference.leak)
        for n in architecture.hiddenLayers { architecture.activation(ofLayer: n).slope(activities[n], into: &slopes[n]) }
        for _ in 0..<inference.steps {
            // From below, because a layer's step takes the error above from before.
            for n in architecture.hiddenLayers {
                assignFedBackErrors(layer: n, problem)
                feedback[n].multiply(elementwise: slopes[n])
                errors[n].scale(by: keep)
                errors[n].add(feedback[n], scaledBy: stepSize)
            }
        }
        for n in architecture.hiddenLayers { activities[n].assignSum(predictions[n], errors[n]) }
    }

    /// Sweep number `t`, from the top down: each layer moves by `γ/(1 + t)` times its force, and the error of the layer
    /// below it is then that of its new activities.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    mutating func sweep(_ problem: LearningProblem<Scalar>, by inference: EulerInference, number t: Int) {
        var step = inference
        step.stepSize = inference.stepSize / Double(1 + t)
        let top = problem.network.architecture.depth
        moveOutput(problem, by: step)
        if case .free = inference.output { errors[top].assignDifference(activities[top], predictions[top]) }
        for n in problem.network.architecture.hiddenLayers.reversed() {
            move(layer: n, problem, by: step)
            errors[n].assignDifference(activities[n], predictions[n])
        }
        assignErrors(problem, output: inference.output, inference.conventions, isFirst: false)
    }
}
