internal import LinearAlgebra
package import Networks

/// A stationary point in weight space, and the way on if it is no minimum.
///
/// `P` has one smooth piece for every choice of slopes at the units on their kinks. A unit whose one-sided
/// derivatives `C(r − ξ)` and `C(ξ − l)` (`C` its feedback, `ξ` its slope) are both positive stays on its kink. One
/// with a derivative that is not, a *degenerate* unit, may leave to that side. On the piece of a choice of sides the
/// way down is its gradient, if that is not zero, or a direction of negative curvature, along which every
/// degenerate unit must move to its side or stay.
package struct WeightSpaceSaddle {
    private var model: WeightSpaceModel
    private let point: Parameters<Double>
    private let tolerance: Double
    private var strict: [KinkedUnit] = []
    private var degenerate: [(unit: KinkedUnit, sides: [Double])] = []

    /// - Parameters:
    ///   - kinkedUnits: units on a kink whose slope is known; others there have the left one.
    ///   - tolerance: the implicit residual that the point has been solved to.
    package init(
        _ problem: ProximalProblem, at point: Parameters<Double>, kinkedUnits: [KinkedUnit], tolerance: Double
    ) {
        self.point = point
        self.tolerance = tolerance
        model = WeightSpaceModel(problem)
        guard model.hasKinks else { return }
        model.hold([], fixing: kinkedUnits, at: point)
        let pass = problem.linearization(after: point)
        let rounding = ForwardRounding(pass).bounds
        // A solution that is known to this length does not tell the sides of a kink nearer than this for rates of norm 1.
        let resolution = tolerance * point.norm
        let known = Dictionary(kinkedUnits.map { (Place($0), $0) }) { first, _ in first }
        for n in model.architecture.hiddenLayers {
            guard let kink = model.architecture.activation(ofLayer: n).kink else { continue }
            let zero = tolerance * model.feedback[n].norm
            for example in 0..<model.examples {
                let rates = pass.rates[n - 1].column(example)
                let size = rates.reduce(model.architecture.biases[n - 1] ? 1 : 0) { $0 + $1 * $1 }.squareRoot()
                for unit in 0..<model.slopes[n].rows {
                    let slope = model.slopes[n][unit, example]
                    let entry = KinkedUnit(layer: n, unit: unit, example: example, slope: slope)
                    guard known[Place(entry)] != nil
                        || abs(model.activities[n][unit, example]) <= rounding[n][unit, example] + resolution * size
                    else { continue }
                    let feedback = model.feedback[n][unit, example]
                    let sides: [(Double, Double)] = [
                        (1, feedback * (kink.rightSlope - slope)), (-1, feedback * (slope - kink.leftSlope)),
                    ]
                    let open = sides.filter { $0.1 <= zero }.map(\.0)
                    if open.isEmpty { strict.append(entry) } else { degenerate.append((entry, open)) }
                }
            }
        }
    }

    /// Whether a unit may leave its kink to one side or the other at no first-order cost.
    package var isDegenerate: Bool { !degenerate.isEmpty }

    /// An update with a visibly lower `P`; `nil` if no piece that is examined shows one.
    package mutating func lowerPoint() -> Parameters<Double>? {
        for pattern in SidePatterns(degenerate.map(\.sides)) {
            let sided = zip(degenerate, pattern).map { SidedUnit($0.unit, side: $1, model.architecture) }
            for proposal in [steepest, mostCurved] {
                if let lower = descend(sided, proposal) { return lower }
            }
        }
        return nil
    }

    /// A degenerate unit on the side that a piece has it on.
    private struct SidedUnit {
        let unit: KinkedUnit
        let side: Double

        init(_ unit: KinkedUnit, side: Double, _ architecture: Architecture) {
            let kink = architecture.activation(ofLayer: unit.layer).kink
            self.unit = KinkedUnit(
                layer: unit.layer, unit: unit.unit, example: unit.example,
                slope: (side > 0 ? kink?.rightSlope : kink?.leftSlope) ?? unit.slope)
            self.side = side
        }
    }

    /// A direction, the first length to try along it, and whether its opposite is as good.
    private struct Proposal {
        var direction: Parameters<Double>
        let length: Double
        let hasFreeSign: Bool
    }

    /// Down the gradient; `nil` where the solver's tolerance cannot tell it from zero.
    private func steepest(_ model: inout WeightSpaceModel) -> Proposal? {
        var direction = -1 * model.gradient
        var projection = KinkProjection(model)
        projection?.apply(to: &direction)
        let slope = -direction.dot(model.gradient)
        guard direction.scaled(by: model.learningRates).norm > tolerance * model.update.norm, slope > 0 else { return nil }
        // At this length a line of that slope would have spent all of P ≥ 0.
        return Proposal(direction: direction, length: model.value / slope, hasFreeSign: false)
    }

    /// Along the lowest curvature, if it is negative.
    private func mostCurved(_ model: inout WeightSpaceModel) -> Proposal? {
        guard let lowest = model.lowestCurvature(), lowest.value < 0 else { return nil }
        // At this length a parabola of that curvature would have spent all of P ≥ 0.
        return Proposal(
            direction: lowest.direction, length: (2 * model.value / -lowest.value).squareRoot(), hasFreeSign: true)
    }

    /// Holds the unit that the proposed direction moves most to the wrong side, until there is none, and follows it.
    private mutating func descend(
        _ sided: [SidedUnit], _ propose: (inout WeightSpaceModel) -> Proposal?
    ) -> Parameters<Double>? {
        let slopes = strict + sided.map(\.unit)
        var (free, held) = (sided, strict)
        while true {
            model.hold(held, fixing: slopes, at: point)
            guard var proposal = propose(&model) else { return nil }
            model.linearize(along: proposal.direction)
            var progress = free.map { entry in
                entry.side * model.activityTangents[entry.unit.layer][entry.unit.unit, entry.unit.example]
            }
            if proposal.hasFreeSign, progress.reduce(0, { $0 + $1 * abs($1) }) < 0 {
                proposal.direction.scale(by: -1)
                progress = progress.map { -$0 }
            }
            guard let worst = free.indices.min(by: { progress[$0] < progress[$1] }), progress[worst] < 0 else {
                return search(proposal, isOneSided: !free.isEmpty)
            }
            held.append(free.remove(at: worst).unit)
        }
    }

    /// The first point along the proposal at which `P` itself is lower by more than its rounding.
    private func search(_ proposal: Proposal, isOneSided: Bool) -> Parameters<Double>? {
        let before = model.problem.objective(after: point)
        let noise = DescentParameters.energyNoise * before
        let shortest = proposal.length * DescentParameters.energyNoise.squareRoot()
        let signs: [Double] = proposal.hasFreeSign && !isOneSided ? [1, -1] : [1]
        var length = proposal.length
        while length > shortest {
            for sign in signs {
                var target = point
                target.add(proposal.direction, scaledBy: sign * length)
                if model.problem.objective(after: target) < before - noise { return target }
            }
            length /= DescentParameters.escapeShrink
        }
        return nil
    }
}

/// A hidden unit of one example, whatever its slope.
private struct Place: Hashable {
    let layer: Int
    let unit: Int
    let example: Int

    init(_ unit: KinkedUnit) {
        layer = unit.layer
        self.unit = unit.unit
        example = unit.example
    }
}
