public import ImplicitSGD
internal import Intervals
public import LinearAlgebra
public import Networks

/// Judges an update by the problem alone: no word of a solver is an input.
///
/// The certifier runs passes of its own in arithmetic that bounds its rounding. It decides from them
/// which units sit on a kink (those whose activity may be 0), derives the slopes there from the implicit
/// equation, and judges in this order: overflow, the implicit residual, the one-sided derivatives at kinks, the
/// minimum, loss to rounding. Where rounding hides the residual a proved distance to the exact update takes its place. What it would refuse is no failure where every implicit update is
/// zero to rounding; see ``ZeroUpdate``.
///
/// **First order.** With slopes `s` for which the equation holds, the derivative of `P_α` along any
/// direction is `1/B Σ cⱼ·((r − sⱼ)ḣⱼ⁺ + (sⱼ − l)ḣⱼ⁻)` over the kinked units, `cⱼ = ∂ℓ/∂aⱼ`, `ḣⱼ` the change of
/// the activity. So `P_α` falls in no direction to first order if every `cⱼ ≥ 0`.
///
/// A certificate costs about four passes with derivatives; the minimum one Cholesky factorization of the
/// order `B·Σdₙ` and one more for each pair of sides.
public struct Certifier: Sendable {
    /// The bound on the implicit residual.
    public var tolerance: Double
    /// Whether the second-order condition is examined too.
    public var examination: Examination

    /// How much is examined.
    public enum Examination: Sendable, Hashable {
        /// The implicit equation and both sides of every kink.
        case firstOrder
        /// Also whether the point is a minimum.
        case minimum
        /// Also a proof that an exact update is near: an ``ActivityEnclosure``.
        case enclosure
    }

    public init(tolerance: Double = 1e-10, examination: Examination = .minimum) {
        self.tolerance = tolerance
        self.examination = examination
    }

    /// Certifies that `update` is an exact implicit update, or refuses.
    ///
    /// - Parameter update: `Δ`, of the shapes of the problem's weights.
    /// - Parameter problem: the case.
    public func certify(_ update: Parameters<Double>, for problem: ProximalProblem) -> Certificate {
        let certificate = examine(update, for: problem)
        guard certificate.refusal != nil, let zero = ZeroUpdate(problem, tolerance: tolerance) else { return certificate }
        return .zero(zero, certificate.point)
    }

    private func examine(_ update: Parameters<Double>, for problem: ProximalProblem) -> Certificate {
        let weights = WrittenWeights(problem, update)
        guard update.isFinite(), let judged = judge(update, weights, problem) else {
            return .refused(.overflow, nil)
        }
        let pass = judged.0
        var point = judged.1
        if let refusal = refusal(ofResidual: point, update, problem) {
            guard case .hiddenByRounding = refusal, !weights.isLost, provesDistance(problem)
            else { return .refused(refusal, point) }
            return byDistance(point, weights, update, problem, else: refusal)
        }
        let falling = pass.fallingUnits
        if let unit = falling.first(where: { !pass.linkedUnits[$0.layer - 1].contains($0.unit) }) {
            return .refused(
                .fallsBesideKink(layer: unit.layer, unit: unit.unit, example: unit.example), point)
        }
        if let unit = falling.first {
            return .refused(.linkedKinks(layer: unit.layer, unit: unit.unit), point)
        }
        if examination != .firstOrder {
            point.minimum = MinimumExamination(
                problem, update, pass, tolerance: tolerance
            ).verdict()
            if case .saddle(let lower) = point.minimum { return .refused(.saddle(lower), point) }
        }
        if weights.isLost { return .refused(.lostToRounding(weights.lostPart), point) }
        guard examination == .enclosure else { return .residual(point) }
        do throws(NotEnclosed) {
            let proof = try ActivityEnclosure(around: update, for: problem)
            if proof.isProvedMinimum { point.minimum = .strict }
            return .enclosed(point, proof)
        } catch {
            point.notEnclosed = error
            return .residual(point)
        }
    }

    /// The computed residual must be within the tolerance, and rounding must leave at least half of the digits asked for:
    /// its proved bound must not be above the square root of the tolerance. Where that bound is above the tolerance itself, so that
    /// the residual is known by computation alone, what rounding is likely to make of it must be well below the tolerance.
    private func refusal(
        ofResidual point: StationaryPoint, _ update: Parameters<Double>, _ problem: ProximalProblem
    ) -> Refusal? {
        if point.residualBound <= tolerance { return nil }
        guard point.leastResidual <= tolerance else { return .residual(point.implicitResidual, tolerance: tolerance) }
        let (units, pass) = (point.kinkedUnits, problem.linearization(after: update, kinkedUnits: point.kinkedUnits))
        let floor = problem.roundingFloor(of: update, kinkedUnits: units, pass)
        if point.isWithinTolerance, floor <= tolerance / 4 { return nil }
        return .hiddenByRounding(
            RoundingLimit(
                residual: point.implicitResidual, least: point.leastResidual, bound: point.residualBound,
                floor: floor, tolerance: tolerance))
    }

    /// Where rounding hides the residual, the distance to the exact update may still be proved, and decides: it is what a
    /// residual stands for. It must be within the tolerance with what rounding takes from the weights, and the point a
    /// proved minimum.
    private func byDistance(
        _ point: StationaryPoint, _ weights: WrittenWeights, _ update: Parameters<Double>, _ problem: ProximalProblem,
        else refusal: Refusal
    ) -> Certificate {
        var point = point
        var failure: NotEnclosed?
        for unknowns in [ActivityEnclosure.Unknowns.activitiesOfOneExample, .signals] {
            do throws(NotEnclosed) {
                let proof = try ActivityEnclosure(around: update, for: problem, unknowns: unknowns)
                // The lost part is computed with some rounding of its own.
                let lost = Interval(1.0001 * weights.lostPart) * (Interval(1) + proof.distance)
                guard proof.isProvedMinimum, (proof.distance + lost).upper <= tolerance else { continue }
                point.minimum = .strict
                return .enclosed(point, proof)
            } catch {
                failure = failure ?? error
            }
            // For other problems both are the same.
            if problem.batch.size > 1 || !problem.rates.isUniform { break }
        }
        if examination == .enclosure { point.notEnclosed = failure }
        return .refused(refusal, point)
    }

    /// The middle of the enclosure of the exact update near one; `nil` where nothing is enclosed, or no distance is proved.
    func provedMiddle(near update: Parameters<Double>, for problem: ProximalProblem) -> Parameters<Double>? {
        guard provesDistance(problem),
            let proof = try? ActivityEnclosure(around: update, for: problem, unknowns: .signals)
        else { return nil }
        return Parameters(layers: proof.update.map(\.center))
    }

    private func provesDistance(_ problem: ProximalProblem) -> Bool {
        let order = problem.batch.size * problem.network.architecture.activityCount
        return examination == .enclosure || examination == .minimum && order <= Self.unaskedOrderLimit
    }

    /// The largest `B·Σdₙ` for which a distance is proved where nobody asked for a proof: it takes a fraction of a second.
    private static let unaskedOrderLimit = 600

    /// The pass and its residual; where the equation leaves slopes open, with the better choice.
    /// `nil` if something overflows.
    private func judge(
        _ update: Parameters<Double>, _ weights: WrittenWeights, _ problem: ProximalProblem
    ) -> (CertifyingPass, StationaryPoint)? {
        var best: (CertifyingPass, StationaryPoint)?
        for openSlope in CertifyingPass.OpenSlope.allCases {
            let pass = CertifyingPass(
                problem, update, weights: weights.layers, openSlope: openSlope)
            guard pass.isFinite else { continue }
            let residual = ImplicitResidual(problem, update, pass)
            let point = StationaryPoint(
                tolerance: tolerance, implicitResidual: residual.value, leastResidual: residual.least,
                residualBound: residual.bound, kinkedUnits: pass.kinkedUnits,
                lostPart: weights.lostPart, minimum: .notExamined)
            guard !residual.bound.isNaN else { continue }
            if residual.bound < best?.1.residualBound ?? .infinity || best == nil {
                best = (pass, point)
            }
            if residual.value <= tolerance || !pass.hasUndeterminedSlopes { break }
        }
        return best
    }
}

extension CertifyingPass {
    /// The kinked units with `cⱼ < 0`, proved. If the unit can leave its kink in this example alone, `P_α` falls on one side.
    var fallingUnits: [KinkedUnit] {
        kinkedUnits.filter { feedback[$0.layer - 1][$0.unit, $0.example].upper < 0 }
    }
}
