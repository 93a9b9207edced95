internal import LinearAlgebra
internal import Networks

/// A direction, and where a search along it looks: with units stopped at their kinks and without.
struct SearchBuffers {
    var direction: PerLayer<Matrix<Double>>
    var candidate: PerLayer<Matrix<Double>>
    var crossing: PerLayer<Matrix<Double>>

    init(_ shape: PerLayer<Matrix<Double>>) {
        direction = shape
        candidate = shape
        crossing = shape
    }
}

/// The search along a direction: units that it carries over their kink stop there, unless a full step across is
/// lower.
extension LayeredDescent {
    /// Moves along the direction by the first length that is accepted, which it returns.
    mutating func search() -> Double? {
        var slope = 0.0
        for n in gradient.indices { slope += gradient[n].dot(trial.direction[n]) }
        guard slope < 0 else { return nil }
        var length = 1.0
        while length > DescentParameters.shortestLength {
            let value = lookAhead(length)
            if accept(value, predicted: -length * slope) { return length }
            length /= 2
        }
        _ = energy.evaluate(at: point)
        refresh()
        return nil
    }

    /// Puts into the candidate the point `length` ahead, stopped at the kinks on the way or across them, whichever
    /// is lower; returns its value, the last that was evaluated.
    private mutating func lookAhead(_ length: Double) -> Double {
        guard lookStoppingAtKinks(length) else { return energy.evaluate(at: trial.candidate) }
        for n in trial.crossing.indices {
            trial.crossing[n].assignSum(point[n], trial.direction[n], scaledBy: length)
        }
        let crossingValue = energy.evaluate(at: trial.crossing)
        let stoppedValue = energy.evaluate(at: trial.candidate)
        guard crossingValue < stoppedValue else { return stoppedValue }
        swap(&trial.candidate, &trial.crossing)
        return energy.evaluate(at: trial.candidate)
    }

    /// The candidate `length` ahead with units that would cross their kink put exactly on it; returns whether
    /// there are such.
    private mutating func lookStoppingAtKinks(_ length: Double) -> Bool {
        var crosses = false
        for n in trial.candidate.indices {
            trial.candidate[n].assignSum(point[n], trial.direction[n], scaledBy: length)
            guard energy.architecture.activation(ofLayer: n).kink != nil else { continue }
            crosses = kinks.stopCrossings(
                layer: n, from: point[n], along: trial.direction[n], base: energy.feedforward[n],
                to: &trial.candidate[n]) || crosses
        }
        return crosses
    }

    /// Accepts the candidate for a sufficient decrease of the energy or, where rounding hides it, of
    /// the residual. The energy has just been evaluated there.
    private mutating func accept(_ candidateValue: Double, predicted: Double) -> Bool {
        guard candidateValue.isFinite else { return false }
        let noise = DescentParameters.energyNoise * value
        let decreases = candidateValue <= value - DescentParameters.sufficientDecrease * predicted
        let hidden = predicted <= DescentParameters.visibleDecrease * noise && candidateValue <= value + noise
        guard decreases || hidden else { return false }
        let (oldValue, oldResidual) = (value, residual)
        swap(&point, &trial.candidate)
        value = candidateValue
        refresh()
        if hidden && !(residual < DescentParameters.residualDecrease * oldResidual)
            && !(decreases && predicted > noise) {
            swap(&point, &trial.candidate)
            value = oldValue
            _ = energy.evaluate(at: point)
            refresh()
            return false
        }
        return true
    }
}
