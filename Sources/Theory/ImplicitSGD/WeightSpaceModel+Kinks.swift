internal import LinearAlgebra
package import Networks
internal import RealModule

/// The passage of a model between the two treatments of kinks, and the units that matter in each.
extension WeightSpaceModel {
    /// Makes the true one-sided slope of every unit its centre and smooths with widths of the size of
    /// the activities' change under an explicit step, which is the scale on which kinks are met.
    ///
    /// Value and gradient at the present point stay those of `P`.
    mutating func beginSmoothing(fraction: Double) {
        kinks.held = []
        // With width zero the treatment is linear in pieces, and exact once the slopes are. They
        // follow from the activities, and those from the slopes of the layers before.
        kinks.widths = kinks.widths.mapValues { _ in 0 }
        for n in architecture.hiddenLayers {
            guard architecture.activation(ofLayer: n).kink != nil else { continue }
            architecture.activation(ofLayer: n).slope(activities[n], into: &kinks.centers[n])
            move(to: update)
        }
        differentiate()
        linearize(along: gradient.scaled(by: learningRates))
        for n in architecture.hiddenLayers {
            guard architecture.activation(ofLayer: n).kink != nil else { continue }
            let size = Double(activities[n].count).squareRoot()
            let change = min(activityTangents[n].norm, activities[n].norm) / size
            kinks.widths[n] = max(
                fraction * change, WeightSpaceParameters.leastWidth * (1 + activities[n].norm / size))
        }
        refresh()
    }

    /// Goes to a point where some units are held and some slopes are known; the other slopes follow
    /// from the signs of the activities.
    package mutating func hold(
        _ held: [KinkedUnit], fixing known: [KinkedUnit], at point: Parameters<Double>
    ) {
        kinks.held = held.sorted { $0.layer > $1.layer }
        kinks.widths = kinks.widths.mapValues { _ in 0 }
        move(to: point)
        for n in architecture.hiddenLayers {
            guard architecture.activation(ofLayer: n).kink != nil else { continue }
            architecture.activation(ofLayer: n).slope(activities[n], into: &kinks.centers[n])
            for unit in known where unit.layer == n {
                kinks.centers[n][unit.unit, unit.example] = unit.slope
            }
            move(to: point)
        }
        differentiate()
    }

    /// Evaluates again at the present point, after a change of the treatment.
    mutating func refresh() {
        move(to: update)
        differentiate()
    }

    /// The step of the method of multipliers: every unit's present slope becomes its centre, and the
    /// widths shrink.
    mutating func recenter(shrinkingBy factor: Double) {
        for n in architecture.hiddenLayers {
            guard let kink = architecture.activation(ofLayer: n).kink else { continue }
            for k in 0..<slopes[n].count {
                let (i, j) = (k % slopes[n].rows, k / slopes[n].rows)
                // A concave kink balances nothing: such a unit belongs to one side.
                let convex = feedback[n][i, j] > 0
                kinks.centers[n][i, j] = convex
                    ? slopes[n][i, j]
                    : activities[n][i, j] > 0 ? kink.rightSlope : kink.leftSlope
            }
            kinks.widths[n] *= factor
        }
        refresh()
    }

    /// Whether the implicit equation holds at the present point, to the rounding of its sums, with slopes between the
    /// one-sided ones at units that are exactly on their kinks; then these are the slopes in use and the units held.
    ///
    /// A descent that shrinks towards such a point never arrives: its residual is relative to `‖Δ‖`. Layer by layer from
    /// the last, whose errors the slopes of a layer do not change.
    mutating func balancesOnKinks() -> Bool {
        let saved = self
        var held: [KinkedUnit] = []
        for n in architecture.hiddenLayers.reversed() {
            guard let kink = architecture.activation(ofLayer: n).kink else { continue }
            for unit in 0..<architecture.widths[n] {
                held += balance(unit, of: n, kink)
            }
            kinks.widths[n] = 0
            refresh()
        }
        kinks.held = held
        let point = Linearization(
            network: problem.network.updated(by: update), batch: problem.batch, loss: problem.loss,
            kinkedUnits: held)
        if !held.isEmpty, gradient.norm <= point.gradientRounding { return true }
        self = saved
        return false
    }

    /// Gives the slopes of a unit that is on its kink in some examples their balancing values, within the one-sided ones.
    private mutating func balance(_ unit: Int, of n: Int, _ kink: Kink) -> [KinkedUnit] {
        let onKink = (0..<examples).filter { activities[n][unit, $0] == 0 && feedback[n][unit, $0] > 0 }
        if onKink.isEmpty { return [] }
        let inputs = architecture.biases[n - 1] ? rates[n - 1].appendingRowOfOnes() : rates[n - 1]
        var target = Matrix(column: (0..<inputs.rows).map { -update.layers[n - 1][unit, $0] })
        let step = learningRates[n - 1] / Double(examples)
        for example in 0..<examples where !onKink.contains(example) {
            target.add(
                Matrix(column: inputs.column(example)),
                scaledBy: -step * slopes[n][unit, example] * feedback[n][unit, example])
        }
        let found = kink.balancingSlopes(
            inputs, columns: onKink, feedback: onKink.map { step * feedback[n][unit, $0] }, target: target)
        return zip(found, onKink).map { slope, example in
            let limited = min(max(slope ?? kink.middleSlope, kink.leftSlope), kink.rightSlope)
            kinks.centers[n][unit, example] = limited
            return KinkedUnit(layer: n, unit: unit, example: example, slope: limited)
        }
    }

    /// Passes from smoothed to linear: the units whose slope is strictly between the one-sided ones,
    /// and that a convex kink can hold, are held.
    mutating func holdBalancedUnits() {
        var held: [KinkedUnit] = []
        for n in architecture.hiddenLayers.reversed() {
            guard let kink = architecture.activation(ofLayer: n).kink else { continue }
            for example in 0..<examples {
                for unit in 0..<slopes[n].rows {
                    var slope = slopes[n][unit, example]
                    if slope > kink.leftSlope && slope < kink.rightSlope {
                        if feedback[n][unit, example] > 0 {
                            held.append(
                                KinkedUnit(layer: n, unit: unit, example: example, slope: slope))
                        } else {
                            slope = activities[n][unit, example] > 0
                                ? kink.rightSlope : kink.leftSlope
                        }
                    }
                    kinks.centers[n][unit, example] = slope
                }
            }
            kinks.widths[n] = 0
        }
        kinks.held = held
        refresh()
    }

    /// Takes a Newton step for weights and slopes of held units.
    mutating func apply(_ step: WeightSpaceKinkStep) {
        for (k, change) in step.slopeChanges.enumerated() {
            let unit = kinks.held[k]
            kinks.held[k].slope += change
            kinks.centers[unit.layer][unit.unit, unit.example] = kinks.held[k].slope
        }
        move(to: update + step.direction)
        differentiate()
    }

    /// Below this an activity of layer `n` counts as zero.
    private func negligible(_ n: Int) -> Double {
        WeightSpaceParameters.negligibleActivity * activities[n].norm / Double(activities[n].count).squareRoot()
    }

    /// Releases units whose slope left its interval or whose kink is concave, and holds units that
    /// passed a convex kink. Returns how many units changed; then the model must be refreshed.
    mutating func revisePieces() -> Int {
        var changes = 0
        var held: [KinkedUnit] = []
        for n in architecture.hiddenLayers.reversed() {
            guard let kink = architecture.activation(ofLayer: n).kink else { continue }
            let (l, r) = (kink.leftSlope, kink.rightSlope)
            let zero = negligible(n)
            var isHeld = [Bool](repeating: false, count: slopes[n].count)
            let rows = slopes[n].rows
            for unit in kinks.held where unit.layer == n {
                isHeld[unit.unit + unit.example * rows] = true
            }
            for example in 0..<examples {
                for unit in 0..<rows {
                    let activity = activities[n][unit, example]
                    let convex = feedback[n][unit, example] > 0
                    let slope = kinks.centers[n][unit, example]
                    var (next, holds) = (slope, isHeld[unit + example * rows])
                    if holds {
                        if !convex {
                            (next, holds) = (activity > 0 ? r : l, false)
                        } else if slope < l || slope > r || !slope.isFinite {
                            (next, holds) = (slope > r ? r : l, false)
                        }
                    } else if slope == r ? activity < -zero : activity > zero {
                        if convex { holds = true } else { next = slope == r ? l : r }
                    }
                    if next != slope || holds != isHeld[unit + example * rows] { changes += 1 }
                    kinks.centers[n][unit, example] = next
                    if holds {
                        held.append(
                            KinkedUnit(layer: n, unit: unit, example: example, slope: next))
                    }
                }
            }
        }
        kinks.held = held
        return changes
    }

    /// Whether every held unit's activity is zero up to rounding.
    var holdsExactly: Bool {
        kinks.held.allSatisfy {
            abs(activities[$0.layer][$0.unit, $0.example]) <= negligible($0.layer)
        }
    }

    /// The held units, and those whose activity is zero up to rounding while their slope is that of
    /// the other side: all whose slope a certificate cannot infer from the sign.
    var certifiedUnits: [KinkedUnit] {
        var result = kinks.held
        let known = Set(result.map { [$0.layer, $0.unit, $0.example] })
        for n in architecture.hiddenLayers {
            guard let kink = architecture.activation(ofLayer: n).kink else { continue }
            let zero = negligible(n)
            for example in 0..<examples {
                for unit in 0..<slopes[n].rows {
                    let activity = activities[n][unit, example]
                    let slope = slopes[n][unit, example]
                    guard abs(activity) <= zero,
                        slope != (activity > 0 ? kink.rightSlope : kink.leftSlope),
                        !known.contains([n, unit, example])
                    else { continue }
                    result.append(KinkedUnit(layer: n, unit: unit, example: example, slope: slope))
                }
            }
        }
        return result
    }

    /// Held units as rows of a kernel.
    package func heldRows() -> [WeightSpaceKernel.Row] {
        kinks.held.map {
            WeightSpaceKernel.Row(
                layer: $0.layer, index: $0.unit + $0.example * slopes[$0.layer].rows, scale: 1)
        }
    }

    /// Units on the bend of a smoothed convex kink, weighted by the square root of their curvature.
    func curvedRows() -> [WeightSpaceKernel.Row] {
        var rows: [WeightSpaceKernel.Row] = []
        for n in architecture.hiddenLayers.reversed() where kinks.widths[n] > 0 {
            guard let kink = architecture.activation(ofLayer: n).kink else { continue }
            let factor = 1 / (kinks.widths[n] * Double(examples))
            for k in 0..<slopes[n].count {
                let slope = slopes[n].elements[k]
                let weight = feedback[n].elements[k]
                guard slope > kink.leftSlope, slope < kink.rightSlope, weight > 0 else { continue }
                rows.append(
                    WeightSpaceKernel.Row(layer: n, index: k, scale: (weight * factor).squareRoot()))
            }
        }
        return rows
    }
}
