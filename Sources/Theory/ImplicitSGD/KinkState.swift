package import LinearAlgebra
package import Networks

/// A unit that is held on its kink, by layer and column-major index, and the sides (+1, −1) that it may leave to at
/// no first-order cost.
package struct DegenerateUnit {
    package let layer: Int
    package let index: Int
    package let sides: [Double]
}

/// The treatment of kinks at one point of activity space: the slope of every hidden unit, and which
/// units are held on their kink.
///
/// For a unit at `h = 0` with one-sided slopes `l < r`, the energy has the one-sided derivatives
/// `M − lC` and `M − rC` (`docs/theory.md` §7). The unit is *held* if the left one is ≤ 0 and the right one
/// ≥ 0: then 0 is its minimum and the slope `M/C ∈ [l, r]` satisfies the implicit equation. Otherwise
/// it is free to leave on the side that descends. Directional derivatives are sums of these, so
/// the coordinate-wise test is the first-order condition for all directions at once.
package struct KinkState {
    /// `φ′` for `n = 1..<N`, with the chosen side or balancing slope at kinks.
    package private(set) var slopes: PerLayer<Matrix<Double>>
    /// `slopes` with 0 for held units: what the Newton matrix uses.
    package private(set) var freeSlopes: PerLayer<Matrix<Double>>
    /// Held units, as column-major indices.
    package private(set) var held: PerLayer<[Int]>
    /// For units at `h = 0` that are free: +1 or −1, the side they leave to.
    package private(set) var releasedSides: PerLayer<[Int: Double]>

    /// Relative to the two terms of a one-sided derivative, what counts as zero.
    private static let rounding = 1e-12

    package init(_ energy: some LayeredEnergy) {
        let hidden = energy.architecture.hiddenLayers
        slopes = energy.activities[hidden]
        freeSlopes = slopes
        held = PerLayer(hidden) { _ in [] }
        releasedSides = PerLayer(hidden) { _ in [:] }
        update(energy)
    }

    /// The same for the point that the energy was last evaluated and differentiated at.
    package mutating func update(_ energy: some LayeredEnergy) {
        for n in energy.architecture.hiddenLayers {
            let activation = energy.architecture.activation(ofLayer: n)
            activation.slope(energy.activities[n], into: &slopes[n])
            if let kink = activation.kink { classify(layer: n, kink: kink, energy) }
            freeSlopes[n].copy(from: slopes[n])
            for index in held[n] {
                let rows = freeSlopes[n].rows
                freeSlopes[n][index % rows, index / rows] = 0
            }
        }
    }

    /// Finds the units that sit on the kink, and where they belong.
    private mutating func classify(
        layer n: Int, kink: Kink, _ energy: some LayeredEnergy
    ) {
        held[n].removeAll(keepingCapacity: true)
        releasedSides[n].removeAll(keepingCapacity: true)
        let count = slopes[n].count
        slopes[n].withMutablePointer { slope in
            energy.activities[n].withPointer { activity in
                for k in 0..<count where activity[k] == 0 {
                    let response = energy.weightedErrors[n].elements[k]
                    let feedback = energy.feedback[n].elements[k]
                    let left = response - kink.leftSlope * feedback
                    let right = response - kink.rightSlope * feedback
                    let zero = Self.rounding * (abs(response) + abs(feedback))
                    if right < -zero && right <= -left {
                        slope[k] = kink.rightSlope
                        releasedSides[n][k] = 1
                    } else if left > zero {
                        slope[k] = kink.leftSlope
                        releasedSides[n][k] = -1
                    } else {
                        let balance = feedback == 0 ? kink.leftSlope : response / feedback
                        slope[k] = min(max(balance, kink.leftSlope), kink.rightSlope)
                        held[n].append(k)
                    }
                }
            }
        }
    }

    /// Puts the units of hidden layer `n` exactly on their kink that crossed it or came to it on the way `from` one displacement `to` another; returns whether one crossed.
    ///
    /// Where a unit was on the kink already, the side it is released to counts.
    package func stopCrossings(
        layer n: Int, from origin: Matrix<Double>, along direction: Matrix<Double>,
        base: Matrix<Double>, to end: inout Matrix<Double>
    ) -> Bool {
        var crosses = false
        let count = end.count
        let released = releasedSides[n]
        end.withMutablePointer { end in
            base.withPointer { base in
                origin.withPointer { origin in
                    direction.withPointer { step in
                        for k in 0..<count where step[k] != 0 {
                            let before = base[k] + origin[k]
                            let side = before != 0 ? before : released[k] ?? 0
                            let after = base[k] + end[k]
                            guard side * after <= 0 else { continue }
                            crosses = crosses || side * after < 0
                            end[k] = -base[k]
                        }
                    }
                }
            }
        }
        return crosses
    }

    /// The held units that may leave their kink at no cost to first order: a one-sided derivative vanishes.
    ///
    /// A derivative counts as zero below `tolerance` times the size of its terms in the whole layer: to that the
    /// residual knows the gradient. Where it is taken for zero and is not, a step to that side leads up and is refused.
    package func degenerateUnits(_ energy: some LayeredEnergy, tolerance: Double) -> [DegenerateUnit] {
        held.indices.flatMap { n -> [DegenerateUnit] in
            guard let kink = energy.architecture.activation(ofLayer: n).kink, !held[n].isEmpty else { return [] }
            let zero = tolerance * (energy.weightedErrors[n].norm + energy.feedback[n].norm)
            return held[n].compactMap { index in
                let response = energy.weightedErrors[n].elements[index]
                let feedback = energy.feedback[n].elements[index]
                let sides: [(Double, Double)] = [
                    (1, response - kink.rightSlope * feedback), (-1, kink.leftSlope * feedback - response),
                ]
                let open = sides.filter { $0.1 <= zero }.map(\.0)
                return open.isEmpty ? nil : DegenerateUnit(layer: n, index: index, sides: open)
            }
        }
    }

    /// Frees a held unit to leave to `side`, with the slope that φ has there.
    mutating func release(_ unit: DegenerateUnit, to side: Double, _ architecture: Architecture) {
        guard let kink = architecture.activation(ofLayer: unit.layer).kink else { return }
        held[unit.layer].removeAll { $0 == unit.index }
        releasedSides[unit.layer][unit.index] = side
        let (i, j) = (unit.index % slopes[unit.layer].rows, unit.index / slopes[unit.layer].rows)
        slopes[unit.layer][i, j] = side > 0 ? kink.rightSlope : kink.leftSlope
        freeSlopes[unit.layer][i, j] = slopes[unit.layer][i, j]
    }

    /// Holds a unit again that was released.
    mutating func hold(_ unit: DegenerateUnit) {
        held[unit.layer].append(unit.index)
        releasedSides[unit.layer][unit.index] = nil
        freeSlopes[unit.layer][unit.index % slopes[unit.layer].rows, unit.index / slopes[unit.layer].rows] = 0
    }

    /// Whether a unit at its kink is free to leave to one side only.
    var isReleased: Bool { releasedSides.contains { !$0.isEmpty } }

    /// The held units in the form that certificates take.
    package var kinkedUnits: [KinkedUnit] {
        held.indices.flatMap { n in
            held[n].map { index in
                let (unit, example) = (index % slopes[n].rows, index / slopes[n].rows)
                return KinkedUnit(
                    layer: n, unit: unit, example: example, slope: slopes[n][unit, example])
            }
        }
    }

    /// Replaces the rows and columns of held units by those of a diagonal matrix.
    package func restrict(_ hessian: inout BlockTridiagonalMatrix) {
        for (k, indices) in held.elements.enumerated() where !indices.isEmpty {
            let order = hessian.diagonal[k].rows
            if hessian.compact[k] == nil {
                hessian.diagonal[k].withMutablePointer { block in
                    for index in indices {
                        for i in index..<order { block[i + index * order] = 0 }
                        for j in 0..<index { block[index + j * order] = 0 }
                        block[index + index * order] = 1
                    }
                }
            } else {
                for index in indices { hessian.compact[k]?.isolate(index) }
            }
            if k > 0 {
                let columns = hessian.below[k - 1].columns
                hessian.below[k - 1].withMutablePointer { block in
                    for j in 0..<columns {
                        for index in indices { block[index + j * order] = 0 }
                    }
                }
            }
            guard k < hessian.below.count else { continue }
            let rows = hessian.below[k].rows
            hessian.below[k].withMutablePointer { block in
                for index in indices { (block + index * rows).update(repeating: 0, count: rows) }
            }
        }
    }

    /// Clears the entries of held units.
    package func restrict(_ vector: inout PerLayer<Matrix<Double>>) {
        for n in held.indices {
            for index in held[n] { vector[n][index % vector[n].rows, index / vector[n].rows] = 0 }
        }
    }
}
