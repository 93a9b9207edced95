internal import LinearAlgebra
internal import Networks

/// The output of an inference state; see `OutputTreatment`.
extension InferenceState {
    /// The output's error and activity.
    ///
    /// - Parameter isFirst: whether no inference step has been made.
    mutating func assignOutput(
        _ problem: LearningProblem<Scalar>, _ output: OutputTreatment, _ conventions: PassConventions, isFirst: Bool
    ) {
        let top = problem.network.architecture.depth
        let bias = problem.biasShare(ofLayer: top - 1)
        let norms = conventions.stepNorms(squaredNorms[top - 1], bias: bias, isFirst: isFirst)
        if case .free = output {
            if isFirst { activities[top].copy(from: predictions[top]) }
            errors[top].assignDifference(activities[top], predictions[top])
            return
        }
        if case .nudgedTarget(let strength) = output {
            assignErrorFromNudgedTarget(problem, strength: Scalar(strength), isFirst: isFirst)
        } else if (conventions.keepsTarget || conventions.targetResponse != nil) && output != .proximalPoint {
            assignErrorFromKeptTarget(problem, output, conventions, norms: norms, isFirst: isFirst)
        } else {
            output.assignError(
                prediction: predictions[top], problem: problem, squaredNorms: norms, to: &errors[top])
        }
        activities[top].assignSum(predictions[top], errors[top])
    }

    /// `e_N = (y − μ(p)) − (1 − β)(y − μ(p̂))`, with `p̂` the prediction before the first step.
    private mutating func assignErrorFromNudgedTarget(
        _ problem: LearningProblem<Scalar>, strength: Scalar, isFirst: Bool
    ) {
        let top = problem.network.architecture.depth
        problem.loss.gradient(predictions[top], targets: problem.batch.targets, into: &errors[top])
        errors[top].scale(by: -1)
        if isFirst { keptResidual.copy(from: errors[top]) }
        errors[top].add(keptResidual, scaledBy: strength - 1)
    }

    /// `e_N = (y − μ(p)) − w(y − μ̃)`, where the target has a share `w` of a response `μ̃` that is not `μ(p)`.
    private mutating func assignErrorFromKeptTarget(
        _ problem: LearningProblem<Scalar>, _ output: OutputTreatment, _ conventions: PassConventions,
        norms: [Scalar], isFirst: Bool
    ) {
        let top = problem.network.architecture.depth
        let mixed = conventions.targetResponse ?? problem.loss
        func residual(_ kept: inout Matrix<Scalar>, _ logits: Matrix<Scalar>) {
            mixed.response(logits, into: &kept)
            kept.scale(by: -1)
            kept.add(problem.batch.targets)
        }
        if isFirst || !conventions.keepsTarget { residual(&keptResidual, predictions[top]) }
        problem.loss.gradient(predictions[top], targets: problem.batch.targets, into: &errors[top])
        errors[top].scale(by: -1)
        for example in norms.indices {
            let share = output.responseShare(step: problem.learningRate * norms[example]) ?? 0
            errors[top].addColumn(example, of: keptResidual, scaledBy: -share)
        }
        if conventions.keepsTarget && !isFirst { residual(&keptResidual, predictions[top]) }
    }

    /// One Euler step of a free output, whose error stays that from before; nothing for any other.
    mutating func moveOutput(_ problem: LearningProblem<Scalar>, by inference: EulerInference) {
        guard case .free(let strength) = inference.output else { return }
        let top = problem.network.architecture.depth
        problem.loss.gradient(activities[top], targets: problem.batch.targets, into: &keptResidual)
        activities[top].add(keptResidual, scaledBy: Scalar(-inference.stepSize * strength))
        activities[top].add(errors[top], scaledBy: Scalar(-inference.stepSize * inference.leak))
    }
}
