internal import ImplicitSGD
internal import Intervals
internal import LinearAlgebra
internal import Networks

/// The weights that an update leads to, `fl(θ_b + Δ)`, and what rounding makes of them.
///
/// A double stands for the numbers that round to it, so weights and update are known to one unit roundoff each:
/// the enclosures hold every weight within `u(|θ⁺| + |Δ|)` of the one written, `u = 2⁻⁵³`. The exact sum
/// `θ_b + Δ` is among them, and so is an update before it was rounded.
struct WrittenWeights {
    let layers: [BallMatrix]
    /// `‖fl(θ_b + Δ) − (θ_b + Δ)‖/‖Δ‖`: 0 if nothing is lost, 1 if everything is.
    let lostPart: Double

    /// Whether rounding takes more than half of the update: the weights written are not those of the update then. So it is
    /// where every weight is written as it was before, although the update is not zero.
    var isLost: Bool { lostPart > 0.5 }

    init(_ problem: ProximalProblem, _ update: Parameters<Double>) {
        var losses: [Matrix<Double>] = []
        layers = zip(problem.network.parameters.layers, update.layers).map { before, change in
            let after = before + change
            var (radius, loss) = (after, after)
            let count = after.count
            before.withPointer { a in
                change.withPointer { b in
                    radius.withMutablePointer { radius in
                        loss.withMutablePointer { loss in
                            for k in 0..<count {
                                let sum = loss[k]
                                // The error of a sum of two doubles is a double (TwoSum).
                                let part = sum - a[k]
                                loss[k] = (a[k] - (sum - part)) + (b[k] - part)
                                let known = 0x1p-53 * (abs(sum) + abs(b[k]))
                                // Sums are exact where halves of the last place are not numbers.
                                radius[k] = sum == 0 && b[k] == 0 ? 0 : known.nextUp
                            }
                        }
                    }
                }
            }
            losses.append(loss)
            return BallMatrix(center: after, radius: radius)
        }
        let lost = Parameters(layers: losses).norm
        lostPart = lost == 0 ? 0 : lost / update.norm
    }
}
