internal import ImplicitSGD
internal import Intervals
internal import LinearAlgebra
internal import Networks

/// The weights that an update leads to, as they are written: `fl(θ_b + Δ)`, and what rounding took.
///
/// The rounding error of a sum of two doubles is a double (TwoSum), so the radii are sharp: the
/// enclosure holds the weights written and the exact sum.
struct WrittenWeights {
    let layers: [BallMatrix]
    /// `‖fl(θ_b + Δ) − (θ_b + Δ)‖/‖Δ‖`: 0 if nothing is lost, 1 if everything is.
    let lostPart: Double
    /// Whether every weight is written as it was before, although the update is not zero.
    let isLost: Bool

    init(_ problem: ProximalProblem, _ update: Parameters<Double>) {
        var moves = false
        var isZero = true
        var errors: [Matrix<Double>] = []
        layers = zip(problem.network.parameters.layers, update.layers).map { before, change in
            let after = before + change
            var radius = after
            let count = after.count
            radius.withMutablePointer { target in
                before.withPointer { a in
                    change.withPointer { b in
                        for k in 0..<count {
                            let sum = target[k]
                            let part = sum - a[k]
                            target[k] = abs((a[k] - (sum - part)) + (b[k] - part))
                            moves = moves || sum != a[k]
                            isZero = isZero && b[k] == 0
                        }
                    }
                }
            }
            errors.append(radius)
            return BallMatrix(center: after, radius: radius)
        }
        isLost = !moves && !isZero
        let lost = Parameters(layers: errors).norm
        lostPart = lost == 0 ? 0 : lost / update.norm
    }
}
