internal import Comparison
internal import Certificates
internal import ImplicitSGD
internal import LearningRules
internal import Networks

/// How far the update that a rule is about to make is from the exact implicit update of the same
/// mini-batch at the same weights, both in double precision.
struct ExactComparison: Sendable, Equatable {
    let relativeDistance: Double
    let cosine: Double

    /// - Returns: `nil` where a length is not finite.
    init?(_ distance: UpdateDistance) {
        guard distance.relativeDistance.isFinite, distance.cosine.isFinite else { return nil }
        relativeDistance = distance.relativeDistance
        cosine = distance.cosine
    }

    /// - Parameter trainer: a copy of the run's trainer in double precision, which makes its update
    ///   here.
    /// - Returns: `nil` if the exact update did not get its certificate.
    /// - Throws: `TrainingError.rule`.
    static func measure(
        _ trainer: consuming Trainer<Double>, _ configuration: TrainingConfiguration,
        iteration: Int
    ) throws(TrainingError) -> ExactComparison? {
        let before = trainer.problem.network
        let report: CertifiedUpdate
        do {
            let problem = try ProximalProblem(
                network: before, batch: trainer.problem.batch, loss: configuration.loss,
                learningRate: configuration.learningRate, held: configuration.held)
            report = try ProximalSolver(
                options: SolverOptions(tolerance: configuration.solverTolerance)
            ).certified(problem)
        } catch {
            return nil
        }
        guard report.isExact else { return nil }
        guard try trainer.step(iteration: iteration).isFinite else { return nil }
        let update = trainer.problem.network.parameters - before.parameters
        return ExactComparison(UpdateDistance(of: update, to: report.update))
    }
}
