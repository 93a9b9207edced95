internal import LinearAlgebra
package import Networks

/// Newton's equations by conjugate gradients (`TruncatedNewton`): in single precision where that is accurate enough, and
/// in double precision elsewhere.
///
/// Newton's method corrects in its next step what rounding took from the last, so the precision of its steps decides how
/// many they are, not where they end: value and gradient are in double precision always. Single precision takes half of the
/// time of a product, and less.
package struct WeightSpaceConjugateGradients<Model: WeightSpaceObjective>: WeightSpaceNewton {
    private var fine: TruncatedNewton<Model.Kernel>
    private var coarse: TruncatedNewton<Model.CoarseKernel>
    /// The present point, where it is represented in less precision.
    private var coarsePoint: Model.CoarseKernel.Point?
    /// Whether the kernel in double precision was looked at for the present point.
    private var isFineCurrent = false
    private var kinkProducts = 0
    private var kinkFactorizations = 0

    package init(_ model: Model) {
        fine = TruncatedNewton(shape: model.update)
        coarse = TruncatedNewton(shape: model.update)
    }

    package var factorizations: Int { fine.factorizations + coarse.factorizations + kinkFactorizations }
    package var hessianProducts: Int { fine.hessianProducts + coarse.hessianProducts + kinkProducts }

    /// `√(2P)`: `‖Δ‖²/α ≤ 2P(θ_b)` holds for every point that is lower.
    package func initialRadius(_ model: Model) -> Double { (2 * model.value).squareRoot() }

    package mutating func step(
        _ model: inout Model, isNewPoint: Bool, radius: Double, accuracy: Double
    ) -> WeightSpaceStep {
        if isNewPoint {
            isFineCurrent = false
            coarsePoint = !coarse.lacksKernel && coarse.resolves(accuracy) ? model.coarsePoint() : nil
        }
        let rows = isNewPoint ? model.curvedRows() : nil
        if coarsePoint != nil, let step = coarseStep(model.gradient, rows, radius, accuracy) { return step }
        if !isFineCurrent { fine.refreshKernel(model.point, rows ?? model.curvedRows()) }
        isFineCurrent = true
        return fine.step(&model.point, gradient: model.gradient, radius: radius, accuracy: accuracy)
    }

    /// The step in single precision; `nil` if that is not accurate enough.
    private mutating func coarseStep(
        _ gradient: Parameters<Double>, _ rows: [KernelRow]?, _ radius: Double, _ accuracy: Double
    ) -> WeightSpaceStep? {
        guard var point = coarsePoint.take() else { return nil }
        if let rows { coarse.refreshKernel(point, rows) }
        guard !coarse.lacksKernel else { return nil }
        let step = coarse.step(&point, gradient: gradient, radius: radius, accuracy: accuracy)
        guard coarse.resolves(accuracy), step.predictedDecrease > 0, step.direction.isFinite() else { return nil }
        coarsePoint = point
        return step
    }

    package mutating func kinkStep(
        _ model: inout Model, accuracy: Double
    ) -> WeightSpaceKinkStep? {
        let rows = model.heldRows()
        kinkFactorizations += 1
        guard var projector = Model.Kernel(model.point, rows: rows, rigid: true) else { return nil }
        let outputs = model.outputRows
        var solution = model.zero
        var residual = -1 * model.gradient
        var (preconditioned, image) = (residual, residual)
        let displacements = rows.map { -model.activities[$0.layer].elements[$0.index] }
        projector.apply(to: residual, displacements: displacements, into: &solution)
        model.hessianProduct(solution, into: &image)
        residual.add(image, scaledBy: -1)
        var multipliers = projector.apply(to: residual, displacements: nil, into: &preconditioned)
        var direction = preconditioned
        var size = residual.dot(preconditioned)
        let goal = accuracy * model.metricNorm(model.update) / model.learningRates.common.squareRoot()
        var products = 1
        while size > goal * goal && products < TruncatedNewton<Model.Kernel>.productLimit {
            model.hessianProduct(direction, into: &image)
            products += 1
            let curvature = direction.dot(image)
            guard curvature > 0 else {
                kinkProducts += products
                return nil
            }
            let length = size / curvature
            solution.add(direction, scaledBy: length)
            residual.add(image, scaledBy: -length)
            multipliers = projector.apply(to: residual, displacements: nil, into: &preconditioned)
            let next = residual.dot(preconditioned)
            direction.scale(by: next / size)
            direction.add(preconditioned)
            size = next
        }
        kinkProducts += products
        let changes = projector.rows.enumerated().map { k, row in
            Double(model.examples) * row.scale * multipliers[outputs + k, 0]
                / model.feedback[row.layer].elements[row.index]
        }
        return WeightSpaceKinkStep(direction: solution, slopeChanges: changes)
    }

    package func smallestCurvature(
        _ model: inout Model
    ) -> (value: Double, direction: Parameters<Double>)? { nil }
}
