internal import LinearAlgebra
package import Networks

/// One solve in weight space: Newton's method in a trust region, and what kinks need around it.
///
/// With kinks it is the method of multipliers: minimise the smoothed objective, make the slopes found
/// the centres of the next smoothing, and, as soon as that settles, solve Newton's equations for
/// the weights and the slopes of the units that balance on their kink (`polish`). A refused step is
/// shortened before another one is computed.
package struct WeightSpaceDescent<Newton: WeightSpaceNewton> {
    package private(set) var model: Newton.Model
    package private(set) var newton: Newton
    package private(set) var iterations = 0
    private let options: SolverOptions
    private var radius = 0.0

    /// - Parameter objective: at no update.
    package init(
        _ objective: Newton.Model, start: Parameters<Double>?, options: SolverOptions
    ) throws(SolveError) {
        self.options = options
        model = objective
        model.move(to: start ?? model.update)
        // The first pass only supplies activities, from which the true slopes at kinks follow.
        if model.hasKinks { model.beginSmoothing(fraction: Constants.firstWidth) }
        if !model.value.isFinite && start != nil {
            model.move(to: model.zero)
            if model.hasKinks { model.beginSmoothing(fraction: Constants.firstWidth) }
        }
        guard model.value.isFinite else { throw .notFinite(what: "the loss") }
        model.differentiate()
        guard model.gradient.isFinite() else { throw .notFinite(what: "the gradient") }
        newton = Newton(model)
    }

    private typealias Constants = WeightSpaceParameters
    /// The solver's own bound is stricter than the certificate's, whose weights are rounded.
    private var tolerance: Double { options.tolerance / 4 }

    package mutating func run() -> (SolveOutcome, Curvature) {
        var escapes = 0
        while true {
            let stepsBefore = iterations
            let outcome = model.hasKinks ? solveWithKinks() : minimize(to: tolerance)
            guard outcome == .converged else { return (outcome, .unknown) }
            let lowest = newton.smallestCurvature(&model)?.value
            let curvature = lowest.map(Curvature.smallest) ?? .unknown
            let isSuspect = lowest.map { $0 < 0 } ?? (iterations == stepsBefore || model.isSymmetric)
            guard escapes < DescentParameters.escapeLimit, leaveSaddle(isSuspect: isSuspect, solvedTo: options.tolerance)
            else {
                return (outcome, curvature)
            }
            escapes += 1
        }
    }

    /// Moves to a lower point if the present one is a saddle point; only where kinks are degenerate or `isSuspect`.
    private mutating func leaveSaddle(isSuspect: Bool, solvedTo tolerance: Double) -> Bool {
        guard let lower = model.lowerPoint(isSuspect: isSuspect, solvedTo: tolerance) else { return false }
        model.move(to: lower)
        if model.hasKinks {
            model.beginSmoothing(fraction: Constants.firstWidth)
        } else {
            model.differentiate()
        }
        return true
    }

    /// Iterates until the residual is at most `bound`.
    private mutating func minimize(to bound: Double) -> SolveOutcome {
        radius = newton.initialRadius(model)
        var isNewPoint = true
        var rejections = 0
        while model.residual > bound {
            if iterations >= options.iterationLimit { return .iterationLimit }
            let residual = model.residual
            // Superlinear in the end, and not more accurate than the bound needs.
            let loosest = model.hasKinks ? Constants.loosestAccuracyAmongKinks : Constants.loosestAccuracy
            let accuracy = max(min(loosest, residual.squareRoot()), min(loosest, loosest * bound / residual))
            let step = newton.step(
                &model, isNewPoint: isNewPoint, radius: radius, accuracy: accuracy)
            if accept(step) {
                iterations += 1
                rejections = 0
                isNewPoint = true
            } else {
                rejections += 1
                isNewPoint = false
                if rejections > Constants.rejectionLimit { return .stalled }
            }
        }
        return .converged
    }

    /// Moves by `step` if that lowers `P` or, where rounding hides it, the gradient; adapts the radius.
    private mutating func accept(_ step: WeightSpaceStep) -> Bool {
        guard step.predictedDecrease > 0, step.length > 0 else {
            radius /= 4
            return false
        }
        let (origin, before, deviation) = (model.update, model.value, model.gradient.norm)
        let slope = model.gradient.dot(step.direction)
        model.move(to: origin + step.direction)
        let decrease = before - model.value
        let quality = decrease / step.predictedDecrease
        let visible = Constants.visibleDecrease * before
        let isHidden = abs(decrease) <= visible
        let isGood = quality > Constants.sufficientQuality
        if isGood || isHidden && step.predictedDecrease <= visible {
            model.differentiate()
            if isGood && !isHidden || model.gradient.norm < Constants.gradientDecrease * deviation {
                if !isHidden && quality < Constants.poorQuality { radius = min(radius, step.length) / 2 }
                if quality > Constants.goodQuality && step.isRestricted {
                    radius *= model.hasKinks ? Constants.growthAmongKinks : Constants.growth
                }
                return true
            }
        }
        if model.hasKinks && shorten(step, from: origin, before, slope: slope) { return true }
        radius = min(radius, step.length) / 4
        model.move(to: origin)
        model.differentiate()
        return false
    }

    /// Moves by the first half, quarter, … of a refused step that lowers `P` as Armijo's rule demands.
    ///
    /// What a step among kinks gets wrong is its length, when units cross that the model does not know of. Its direction
    /// has cost Hessian products, its shorter parts cost a feedforward pass each.
    private mutating func shorten(
        _ step: WeightSpaceStep, from origin: Parameters<Double>, _ before: Double, slope: Double
    ) -> Bool {
        var part = 0.5
        while part >= Constants.shortestPart {
            model.move(to: origin + part * step.direction)
            let enough = max(-Constants.sufficientQuality * part * slope, Constants.visibleDecrease * before)
            if before - model.value > enough {
                model.differentiate()
                radius = part < Constants.poorQuality ? step.length / 2 : max(radius, step.length)
                return true
            }
            part /= 2
        }
        return false
    }

    /// The method of multipliers around `minimize`.
    private mutating func solveWithKinks() -> SolveOutcome {
        if model.residual == 0 || model.balancesOnKinks() { return .converged }
        model.beginSmoothing(fraction: Constants.firstWidth)
        var bound = Constants.firstBound
        var previous: Set<KinkKey>?
        for round in 0..<Constants.roundLimit {
            let outcome = minimize(to: max(bound, tolerance))
            // What cannot be lowered at one width may be at the next.
            if outcome == .iterationLimit { return outcome }
            let balanced = Set(model.curvedRows().map { KinkKey(layer: $0.layer, index: $0.index) })
            if let previous {
                let changes = previous.symmetricDifference(balanced).count
                let isSettled = changes <= Int(Constants.settledPart * Double(balanced.count)) + 1
                if isSettled || (round + 1) % Constants.roundsBetweenTries == 0 {
                    // Where no unit balances the objective is smooth, and Newton's equations may have no solution that goes
                    // down: beside a saddle point, and on a curve of minima.
                    if balanced.isEmpty && minimize(to: tolerance) == .iterationLimit { return .iterationLimit }
                    if polish() { return .converged }
                    if iterations >= options.iterationLimit { return .iterationLimit }
                }
            }
            previous = balanced
            model.recenter(shrinkingBy: Constants.widthFactor)
            bound = max(bound * Constants.widthFactor, Constants.lastBound)
        }
        return .stalled
    }

    /// A unit of an example, for comparing sets of them.
    private struct KinkKey: Hashable {
        let layer: Int
        let index: Int
    }

    /// Newton's method for weights and slopes, with units released and held as signs demand; the
    /// model is as before if it does not converge.
    private mutating func polish() -> Bool {
        let saved = model
        model.holdBalancedUnits()
        var best = Double.infinity
        var failures = 0
        while iterations < options.iterationLimit {
            let changes = model.revisePieces()
            if changes > 0 { model.refresh() }
            let residual = model.residual
            if changes == 0 && residual <= tolerance && model.holdsExactly { return true }
            failures = residual < Constants.progress * best ? 0 : failures + 1
            best = min(best, residual)
            if failures > Constants.failureLimit || !residual.isFinite { break }
            let accuracy = max(
                Constants.finestPolish * tolerance,
                Constants.polishAccuracy * min(Constants.loosestAccuracy, residual))
            guard let step = newton.kinkStep(&model, accuracy: accuracy) else { break }
            model.apply(step)
            iterations += 1
        }
        model = saved
        return false
    }
}
