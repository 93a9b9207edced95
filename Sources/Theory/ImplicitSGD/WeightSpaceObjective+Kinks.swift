internal import LinearAlgebra
package import Networks

/// The passage of an objective between the two treatments of kinks, and the units that matter in each.
extension WeightSpaceObjective {
    /// Makes the true one-sided slope of every unit its centre and smooths with widths of the size of
    /// the activities' change under an explicit step, which is the scale on which kinks are met.
    ///
    /// Value and gradient at the present point stay those of `P`.
    package mutating func beginSmoothing(fraction: Double) {
        kinks.held = []
        // With width zero the treatment is linear in pieces, and exact once the slopes are. They
        // follow from the activities, and those from the slopes of the layers before.
        kinks.widths = kinks.widths.mapValues { _ in 0 }
        for n in hiddenLayers {
            guard activation(ofLayer: n).kink != nil else { continue }
            activation(ofLayer: n).slope(activities[n], into: &kinks.centers[n])
            move(to: update)
        }
        differentiate()
        linearize(along: gradient.scaled(by: learningRates))
        for n in hiddenLayers {
            guard activation(ofLayer: n).kink != nil else { continue }
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
        for n in hiddenLayers {
            guard activation(ofLayer: n).kink != nil else { continue }
            activation(ofLayer: n).slope(activities[n], into: &kinks.centers[n])
            for unit in known where unit.layer == n {
                kinks.centers[n][unit.unit, unit.example] = unit.slope
            }
            move(to: point)
        }
        differentiate()
    }

    /// Evaluates again at the present point, after a change of the treatment.
    package mutating func refresh() {
        move(to: update)
        differentiate()
    }

    /// The step of the method of multipliers: every unit's present slope becomes its centre, and the
    /// widths shrink.
    package mutating func recenter(shrinkingBy factor: Double) {
        for n in hiddenLayers {
            guard let kink = activation(ofLayer: n).kink else { continue }
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

    /// Passes from smoothed to linear: the units whose slope is strictly between the one-sided ones,
    /// and that a convex kink can hold, are held.
    package mutating func holdBalancedUnits() {
        var held: [KinkedUnit] = []
        for n in hiddenLayers.reversed() {
            guard let kink = activation(ofLayer: n).kink else { continue }
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
    package mutating func apply(_ step: WeightSpaceKinkStep) {
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
    package mutating func revisePieces() -> Int {
        var changes = 0
        var held: [KinkedUnit] = []
        for n in hiddenLayers.reversed() {
            guard let kink = activation(ofLayer: n).kink else { continue }
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
    package var holdsExactly: Bool {
        kinks.held.allSatisfy {
            abs(activities[$0.layer][$0.unit, $0.example]) <= negligible($0.layer)
        }
    }

    /// The held units, and those whose activity is zero up to rounding while their slope is that of
    /// the other side: all whose slope a certificate cannot infer from the sign.
    package var certifiedUnits: [KinkedUnit] {
        var result = kinks.held
        let known = Set(result.map(\.place))
        for n in hiddenLayers {
            guard let kink = activation(ofLayer: n).kink else { continue }
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

    /// Units as rows of a kernel, in their order.
    package func rows(of units: [KinkedUnit]) -> [KernelRow] {
        units.map { KernelRow(layer: $0.layer, index: $0.unit + $0.example * slopes[$0.layer].rows, scale: 1) }
    }

    /// Held units as rows of a kernel.
    package func heldRows() -> [KernelRow] { rows(of: kinks.held) }

    /// Units on the bend of a smoothed convex kink, weighted by the square root of their curvature.
    package func curvedRows() -> [KernelRow] {
        var rows: [KernelRow] = []
        for n in hiddenLayers.reversed() where kinks.widths[n] > 0 {
            guard let kink = activation(ofLayer: n).kink else { continue }
            let factor = 1 / (kinks.widths[n] * Double(examples))
            for k in 0..<slopes[n].count {
                let slope = slopes[n].elements[k]
                let weight = feedback[n].elements[k]
                guard slope > kink.leftSlope, slope < kink.rightSlope, weight > 0 else { continue }
                rows.append(
                    KernelRow(layer: n, index: k, scale: (weight * factor).squareRoot()))
            }
        }
        return rows
    }
}
