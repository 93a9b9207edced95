internal import ImplicitSGD
internal import LearningRules
internal import Networks
internal import PropertyTesting

extension NetworkCase {
    /// An update of the same direction, a thousandth as long as the weights: there the first order decides.
    func shortened(_ update: Parameters<Double>) -> Parameters<Double> {
        (1e-3 * problem.network.parameters.norm / update.norm) * update
    }

    /// Measures `L(θ_b + Δ)/L(θ_b)` of updates under `loss after NAME`; infinite where the update is not finite.
    func measureLossAfter(_ name: String, _ update: Parameters<Double>?, _ context: inout CaseContext) {
        let measurement = "loss after \(name)"
        guard let update else { return context.recordNoUpdate(name, [measurement]) }
        let after = update.norm.isFinite ? problem.linearization(after: update).meanLoss : .infinity
        context.measure(measurement, after.isNaN ? .infinity : after / problem.lossBefore)
    }
}
