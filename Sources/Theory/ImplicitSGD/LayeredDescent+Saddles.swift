internal import LinearAlgebra
internal import Networks

/// The second-order test at a stationary point, and the way on from one that is no minimum.
///
/// Units on their kink whose one-sided derivatives are strictly opposed stay there. The others, the *degenerate*
/// ones, may leave to a side at no first-order cost, and on each side the energy has another Hessian. The point
/// is a strict minimum if the Hessian is positive definite for every choice of sides. A direction of negative
/// curvature leads down if each degenerate unit moves along it to the side that its Hessian was taken for.
extension LayeredDescent {
    /// Whether the point found is a strict minimum, by factorizations of the Hessian there. From a
    /// saddle point it leaves along negative curvature and runs again, so the outcome may change.
    package mutating func examineMinimum(_ outcome: SolveOutcome) -> (SolveOutcome, Curvature) {
        var current = outcome
        for _ in 0..<DescentParameters.escapeLimit where current == .converged {
            switch leaveSaddle() {
            case .isMinimum: return (.converged, .positiveByFactorization)
            case .isUndecided: return (.converged, .notPositive)
            case .left: current = run()
            }
        }
        return (current, current == .converged ? .notPositive : .unknown)
    }

    private enum SecondOrderTest {
        case isMinimum, isUndecided, left
    }

    /// Examines every choice of sides, and moves to a lower point if one shows the way.
    private mutating func leaveSaddle() -> SecondOrderTest {
        let found = kinks
        let degenerate = found.degenerateUnits(energy, tolerance: tolerance)
        let patterns = SidePatterns(degenerate.map(\.sides))
        var isMinimum = patterns.isComplete
        for pattern in patterns {
            kinks = found
            for (unit, side) in zip(degenerate, pattern) { kinks.release(unit, to: side, energy.architecture) }
            newton.assemble(energy, kinks)
            if newton.factorize(energy, kinks, shiftedBy: 0) { continue }
            isMinimum = false
            if let way = wayDown(Array(zip(degenerate, pattern))), descend(along: way.vector, way.curvature) {
                return .left
            }
        }
        kinks = found
        return isMinimum ? .isMinimum : .isUndecided
    }

    /// A direction of negative curvature along which each degenerate unit moves to its side or not at all.
    ///
    /// The lowest curvature within those sides is that of an eigenvector on one of their faces. Of the units that an
    /// eigenvector moves to the wrong side the worst is held, until none is left.
    private mutating func wayDown(
        _ sided: [(unit: DegenerateUnit, side: Double)]
    ) -> (vector: PerLayer<Matrix<Double>>, curvature: Double)? {
        var free = sided
        while true {
            guard let (curvature, lowest) = newton.lowestCurvature(energy, kinks), curvature < 0 else { return nil }
            var vector = lowest
            func progress(_ entry: (unit: DegenerateUnit, side: Double)) -> Double {
                entry.side * vector[entry.unit.layer].elements[entry.unit.index]
            }
            // The sign of an eigenvector is free.
            if free.reduce(0, { $0 + progress($1) * abs(progress($1)) }) < 0 {
                for n in vector.indices { vector[n].scale(by: -1) }
            }
            guard let worst = free.indices.min(by: { progress(free[$0]) < progress(free[$1]) }),
                progress(free[worst]) < 0
            else { return (vector, curvature) }
            kinks.hold(free.remove(at: worst).unit)
            newton.assemble(energy, kinks)
        }
    }

    /// Moves along a direction of curvature `κ < 0` to where the energy is visibly lower.
    ///
    /// The first length is the one at which the quadratic `E − |κ|t²/2` would have spent all of `E ≥ 0`, the last
    /// the one at which it spends no more than rounding.
    private mutating func descend(along vector: PerLayer<Matrix<Double>>, _ curvature: Double) -> Bool {
        let noise = DescentParameters.energyNoise * value
        var length = (2 * value / -curvature).squareRoot()
        let shortest = length * DescentParameters.energyNoise.squareRoot()
        // Kinks that are left to a side make the way one-sided.
        let signs: [Double] = kinks.isReleased ? [1] : [1, -1]
        while length > shortest {
            for sign in signs {
                for n in trial.candidate.indices {
                    trial.candidate[n].assignSum(point[n], vector[n], scaledBy: sign * length)
                }
                let candidateValue = energy.evaluate(at: trial.candidate)
                if candidateValue < value - noise {
                    swap(&point, &trial.candidate)
                    value = candidateValue
                    refresh()
                    return true
                }
            }
            length /= DescentParameters.escapeShrink
        }
        _ = energy.evaluate(at: point)
        refresh()
        return false
    }
}
