internal import LinearAlgebra
package import Networks
internal import RealModule

/// Newton's equations by conjugate gradients, preconditioned in function space.
///
/// The trust region is a ball in the norm of the preconditioner `M`, so its shape follows the
/// curvature; the method is Steihaug's and Toint's: it stops at the boundary, and follows negative
/// curvature to it. While few iterations suffice `M` is `I/α` and costs nothing.
package struct WeightSpaceConjugateGradients<Kernel: FunctionSpaceKernel>: WeightSpaceNewton {
    package typealias Model = Kernel.Model

    package private(set) var factorizations = 0
    package private(set) var hessianProducts = 0

    private var kernel: Kernel?
    /// Whether the last steps needed so many products that a kernel pays.
    private var wantsKernel = false
    /// The products that the present kernel needed when it was new.
    private var freshProducts: Int?
    /// The products beyond `freshProducts` that its age has cost so far.
    private var excessProducts = 0
    /// What an e-fold of accuracy took without a kernel, in products, when that was last seen.
    private var plainCost: Double?
    /// Whether a kernel of the outputs has been seen to cost more than it saves.
    private var isKernelDear = false

    private var residual: Parameters<Double>
    private var preconditioned: Parameters<Double>
    private var direction: Parameters<Double>
    private var image: Parameters<Double>

    private static var productLimit: Int { 400 }
    /// An application of a kernel in Hessian products: a tangent and a backward pass, where a product takes those and the
    /// change of the backward pass, too.
    private static var applicationCost: Double { 2.0 / 3 }

    package init(_ model: Model) {
        residual = model.update
        preconditioned = model.update
        direction = model.update
        image = model.update
    }

    /// `√(2P)`: `‖Δ‖²/α ≤ 2P(θ_b)` holds for every point that is lower.
    package func initialRadius(_ model: Model) -> Double { (2 * model.value).squareRoot() }

    package mutating func step(
        _ model: inout Model, isNewPoint: Bool, radius: Double, accuracy: Double
    ) -> WeightSpaceStep {
        if isNewPoint { refreshKernel(model) }
        var step = WeightSpaceStep(
            direction: model.zero, length: 0, predictedDecrease: 0,
            isRestricted: false)
        assign(model.gradient, scale: -1, to: &residual)
        precondition(model.learningRates)
        assign(preconditioned, scale: 1, to: &direction)
        var size = residual.dot(preconditioned)
        let (first, goal) = (size, accuracy * accuracy * size)
        // Norms of the step s and the direction p in the metric M, by recurrences.
        var (stepSquared, mixed, directionSquared) = (0.0, 0.0, size)
        var products = 0
        while size > 0 && size > goal && products < Self.productLimit {
            model.hessianProduct(direction, into: &image)
            products += 1
            let curvature = direction.dot(image)
            var length = curvature > 0 ? size / curvature : .infinity
            let reached = stepSquared + length * (2 * mixed + length * directionSquared)
            let stops = !(reached < radius * radius)
            if stops {
                let room = max(0, radius * radius - stepSquared)
                let root = (mixed * mixed + directionSquared * room).squareRoot()
                length = mixed > 0 ? room / (root + mixed) : (root - mixed) / directionSquared
            }
            step.direction.add(direction, scaledBy: length)
            step.predictedDecrease += length * (size - length * curvature / 2)
            stepSquared += length * (2 * mixed + length * directionSquared)
            if stops {
                step.isRestricted = true
                break
            }
            residual.add(image, scaledBy: -length)
            precondition(model.learningRates)
            let next = residual.dot(preconditioned)
            let ratio = next / size
            size = next
            direction.scale(by: ratio)
            direction.add(preconditioned)
            mixed = ratio * (mixed + length * directionSquared)
            directionSquared = size + ratio * ratio * directionSquared
        }
        step.length = max(0, stepSquared).squareRoot()
        hessianProducts += products
        judge(products, size > 0 && !step.isRestricted ? (first / size).squareRoot() : 1)
        return step
    }

    /// Decides whether the kernel is worth making, keeping or renewing.
    ///
    /// Where residuals are large a kernel of the outputs misses most of the curvature, and saves too few products for its
    /// applications.
    ///
    /// - Parameter gain: by what factor the products have reduced the residual, in the norm of conjugate gradients.
    private mutating func judge(_ products: Int, _ gain: Double) {
        let cost = gain > 1 ? Double(products) / .log(gain) : nil
        if let kernel, freshProducts == nil, kernel.rows.isEmpty, let cost, let plainCost,
            (1 + Self.applicationCost) * cost > plainCost {
            isKernelDear = true
            self.kernel = nil
        } else if kernel == nil {
            wantsKernel = wantsKernel || products >= 8
            plainCost = cost ?? plainCost
        } else if let fresh = freshProducts {
            excessProducts += max(0, products - fresh)
        } else {
            freshProducts = products
        }
    }

    private mutating func refreshKernel(_ model: Model) {
        let rows = model.curvedRows()
        guard wantsKernel && !isKernelDear || !rows.isEmpty else { return }
        // Renewed when its age has cost as much as a new one does.
        let isStale = excessProducts > (kernel?.costInProducts ?? 0)
        guard kernel == nil || isStale else { return }
        kernel = Kernel(model, rows: rows, rigid: false)
        factorizations += 1
        excessProducts = 0
        freshProducts = nil
    }

    private mutating func precondition(_ learningRates: LearningRates) {
        if kernel == nil {
            assign(residual, scale: 1, to: &preconditioned)
            preconditioned.scale(by: learningRates)
        } else {
            kernel?.apply(to: residual, displacements: nil, into: &preconditioned)
        }
    }

    package mutating func kinkStep(
        _ model: inout Model, accuracy: Double
    ) -> WeightSpaceKinkStep? {
        let rows = model.heldRows()
        factorizations += 1
        guard var projector = Kernel(model, rows: rows, rigid: true) else { return nil }
        let outputs = model.outputRows
        var solution = model.zero
        assign(model.gradient, scale: -1, to: &residual)
        let displacements = rows.map { -model.activities[$0.layer].elements[$0.index] }
        projector.apply(to: residual, displacements: displacements, into: &solution)
        model.hessianProduct(solution, into: &image)
        residual.add(image, scaledBy: -1)
        var multipliers = projector.apply(to: residual, displacements: nil, into: &preconditioned)
        assign(preconditioned, scale: 1, to: &direction)
        var size = residual.dot(preconditioned)
        let goal = accuracy * model.metricNorm(model.update) / model.learningRates.common.squareRoot()
        var products = 1
        while size > goal * goal && products < Self.productLimit {
            model.hessianProduct(direction, into: &image)
            products += 1
            let curvature = direction.dot(image)
            guard curvature > 0 else {
                hessianProducts += products
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
        hessianProducts += products
        let changes = projector.rows.enumerated().map { k, row in
            Double(model.examples) * row.scale * multipliers[outputs + k, 0]
                / model.feedback[row.layer].elements[row.index]
        }
        return WeightSpaceKinkStep(direction: solution, slopeChanges: changes)
    }

    package func smallestCurvature(
        _ model: inout Model
    ) -> (value: Double, direction: Parameters<Double>)? { nil }

    /// `target ← scale · source` without giving up the target's storage.
    private func assign(
        _ source: Parameters<Double>, scale: Double, to target: inout Parameters<Double>
    ) {
        for n in target.layers.indices {
            let count = source.layers[n].count
            target.layers[n].withMutablePointer { to in
                source.layers[n].withPointer { to.update(from: $0, count: count) }
            }
            if scale != 1 { target.layers[n].scale(by: scale) }
        }
    }
}
