internal import LinearAlgebra
internal import Networks
internal import RealModule

/// A step of Newton's method by conjugate gradients in the precision of a kernel, preconditioned in function space.
///
/// The trust region is a ball in the norm of the preconditioner `M`, so its shape follows the
/// curvature; the method is Steihaug's and Toint's: it stops at the boundary, and follows negative
/// curvature to it. While few iterations suffice `M` is `I/α` and costs nothing.
///
/// The gradient is scaled by a power of two, so that it fits the precision and loses nothing.
struct TruncatedNewton<Kernel: FunctionSpaceKernel> {
    typealias Point = Kernel.Point
    typealias Scalar = Point.Scalar

    private(set) var factorizations = 0
    private(set) var hessianProducts = 0
    /// Whether a kernel was wanted and could not be made: there were too many rows, or the precision is too small for them.
    private(set) var lacksKernel = false
    /// The largest curvature seen along a direction of the last step, `α pᵀ∇²P p/‖p‖²`.
    private var steepest = 0.0

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

    private var solution: Parameters<Scalar>
    private var residual: Parameters<Scalar>
    private var preconditioned: Parameters<Scalar>
    private var direction: Parameters<Scalar>
    private var image: Parameters<Scalar>

    static var productLimit: Int { 400 }
    /// An application of a kernel in Hessian products: a tangent and a backward pass, where a product takes those and the
    /// change of the backward pass, too.
    private static var applicationCost: Double { 2.0 / 3 }

    /// - Parameter shape: a direction.
    init(shape: Parameters<Double>) {
        solution = shape.converted(to: Scalar.self)
        (residual, preconditioned, direction, image) = (solution, solution, solution, solution)
    }

    /// Whether Newton's equations can be solved to a relative accuracy in this precision, by what the last step saw.
    ///
    /// A product errs by about `ε‖∇²P‖‖s‖`, and `‖s‖ ≤ α‖∇P‖` where `P` is convex, so the equations hold to `εα‖∇²P‖` of the
    /// gradient. What conjugate gradients see of `‖∇²P‖` is less than it by a small factor.
    func resolves(_ accuracy: Double) -> Bool {
        Double(Scalar.ulpOfOne) * Self.unseenCurvature * steepest <= accuracy
    }

    private static var unseenCurvature: Double { 4 }

    /// Minimises the quadratic model of `P` in the trust region.
    ///
    /// - Parameter gradient: `∇P`, not zero.
    mutating func step(
        _ point: inout Point, gradient: Parameters<Double>, radius: Double, accuracy: Double
    ) -> WeightSpaceStep {
        // Within the normal numbers, of which the reciprocal is one.
        let unit = Double(sign: .plus, exponent: min(max(gradient.norm.exponent, -1022), 1022), significand: 1)
        assign(gradient, scale: -1 / unit, to: &residual)
        let radius = Scalar(radius / unit)
        solution.scale(by: 0)
        precondition(point.learningRates)
        assign(preconditioned, scale: 1, to: &direction)
        var size = residual.dot(preconditioned)
        let (first, goal) = (size, Scalar(accuracy * accuracy) * size)
        // Norms of the step s and the direction p in the metric M, by recurrences.
        var (stepSquared, mixed, directionSquared): (Scalar, Scalar, Scalar) = (0, 0, size)
        var (predictedDecrease, products, isRestricted): (Scalar, Int, Bool) = (0, 0, false)
        var steepest: Scalar = 0
        while size > 0 && size > goal && products < Self.productLimit {
            point.hessianProduct(direction, into: &image)
            products += 1
            let curvature = direction.dot(image)
            steepest = max(steepest, curvature.magnitude / direction.dot(direction))
            var length = curvature > 0 ? size / curvature : .infinity
            let reached = stepSquared + length * (2 * mixed + length * directionSquared)
            let stops = !(reached < radius * radius)
            if stops {
                let room = max(0, radius * radius - stepSquared)
                let root = (mixed * mixed + directionSquared * room).squareRoot()
                length = mixed > 0 ? room / (root + mixed) : (root - mixed) / directionSquared
            }
            solution.add(direction, scaledBy: length)
            predictedDecrease += length * (size - length * curvature / 2)
            stepSquared += length * (2 * mixed + length * directionSquared)
            if stops {
                isRestricted = true
                break
            }
            residual.add(image, scaledBy: -length)
            precondition(point.learningRates)
            let next = residual.dot(preconditioned)
            let ratio = next / size
            size = next
            direction.scale(by: ratio)
            direction.add(preconditioned)
            mixed = ratio * (mixed + length * directionSquared)
            directionSquared = size + ratio * ratio * directionSquared
        }
        hessianProducts += products
        self.steepest = point.learningRates.common * Double(steepest)
        judge(products, size > 0 && !isRestricted ? Double(first / size).squareRoot() : 1)
        var step = solution.converted(to: Double.self)
        step.scale(by: unit)
        return WeightSpaceStep(
            direction: step, length: unit * Double(max(0, stepSquared)).squareRoot(),
            predictedDecrease: unit * (unit * Double(predictedDecrease)), isRestricted: isRestricted)
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

    /// Makes the kernel at a new point, if one is wanted and there is none, or an old one.
    ///
    /// - Parameter rows: units on the bends of smoothed kinks.
    mutating func refreshKernel(_ point: Point, _ rows: [KernelRow]) {
        guard wantsKernel && !isKernelDear || !rows.isEmpty else { return }
        // Renewed when its age has cost as much as a new one does.
        let isStale = excessProducts > (kernel?.costInProducts ?? 0)
        guard kernel == nil || isStale else { return }
        kernel = Kernel(point, rows: rows, rigid: false)
        lacksKernel = kernel == nil
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

    /// `target ← scale · source`, without giving up the target's storage.
    private func assign<Source: BLASScalar>(
        _ source: Parameters<Source>, scale: Double, to target: inout Parameters<Scalar>
    ) {
        for n in target.layers.indices { target.layers[n].assign(rounding: source.layers[n], scaledBy: scale) }
    }
}
