package import LinearAlgebra
package import Networks

/// The treatment of kinks at one point of activity space: the slope of every hidden unit, and which
/// units are held on their kink.
///
/// For a unit at `h = 0` with one-sided slopes `l < r`, the energy has the one-sided derivatives
/// `M − lC` and `M − rC` (`docs/theory.md` §7). The unit is *held* if the left one is ≤ 0 and the right one
/// ≥ 0: then 0 is its minimum and the slope `M/C ∈ [l, r]` satisfies the implicit equation. Otherwise
/// it is free to leave on the side that descends. Directional derivatives are sums of these, so
/// the coordinate-wise test is the first-order condition for all directions at once.
package struct KinkState {
    /// `φ′` for `n = 1..<N` at index `n − 1`, with the chosen side or balancing slope at kinks.
    package private(set) var slopes: [Matrix<Double>]
    /// `slopes` with 0 for held units: what the Newton matrix uses.
    package private(set) var freeSlopes: [Matrix<Double>]
    /// Held units, as column-major indices for each hidden layer.
    package private(set) var held: [[Int]]
    /// For units at `h = 0` that are free: +1 or −1, the side they leave to.
    package private(set) var releasedSides: [[Int: Double]]

    /// Relative to the two terms of a one-sided derivative, what counts as zero.
    private static let rounding = 1e-12

    package init(_ energy: some LayeredEnergy) {
        slopes = Array(energy.activities.prefix(energy.hiddenLayers))
        freeSlopes = slopes
        held = Array(repeating: [], count: slopes.count)
        releasedSides = Array(repeating: [:], count: slopes.count)
        update(energy)
    }

    /// The same for the point that the energy was last evaluated and differentiated at.
    package mutating func update(_ energy: some LayeredEnergy) {
        for n in 1..<(energy.hiddenLayers + 1) {
            let activation = energy.architecture.activation(ofLayer: n)
            activation.slope(energy.activities[n - 1], into: &slopes[n - 1])
            if let kink = activation.kink { classify(layer: n, kink: kink, energy) }
            freeSlopes[n - 1].copy(from: slopes[n - 1])
            for index in held[n - 1] {
                let rows = freeSlopes[n - 1].rows
                freeSlopes[n - 1][index % rows, index / rows] = 0
            }
        }
    }

    /// Finds the units that sit on the kink, and where they belong.
    private mutating func classify(
        layer n: Int, kink: Kink, _ energy: some LayeredEnergy
    ) {
        held[n - 1].removeAll(keepingCapacity: true)
        releasedSides[n - 1].removeAll(keepingCapacity: true)
        let count = slopes[n - 1].count
        slopes[n - 1].withMutablePointer { slope in
            energy.activities[n - 1].withPointer { activity in
                for k in 0..<count where activity[k] == 0 {
                    let response = energy.responses[n - 1].elements[k]
                    let feedback = energy.feedback[n - 1].elements[k]
                    let left = response - kink.leftSlope * feedback
                    let right = response - kink.rightSlope * feedback
                    let zero = Self.rounding * (abs(response) + abs(feedback))
                    if right < -zero && right <= -left {
                        slope[k] = kink.rightSlope
                        releasedSides[n - 1][k] = 1
                    } else if left > zero {
                        slope[k] = kink.leftSlope
                        releasedSides[n - 1][k] = -1
                    } else {
                        let balance = feedback == 0 ? kink.leftSlope : response / feedback
                        slope[k] = min(max(balance, kink.leftSlope), kink.rightSlope)
                        held[n - 1].append(k)
                    }
                }
            }
        }
    }

    /// Puts the units of a hidden layer (index `n − 1`) exactly on their kink that crossed it or came to
    /// it on the way `from` one displacement `to` another; returns whether one crossed.
    ///
    /// Where a unit was on the kink already, the side it is released to counts.
    package func stopCrossings(
        layer index: Int, from origin: Matrix<Double>, along direction: Matrix<Double>,
        base: Matrix<Double>, to end: inout Matrix<Double>
    ) -> Bool {
        var crosses = false
        let count = end.count
        let released = releasedSides[index]
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

    package var heldCount: Int { held.reduce(0) { $0 + $1.count } }

    /// The held units in the form that certificates take.
    package var kinkedUnits: [KinkedUnit] {
        held.enumerated().flatMap { layer, indices in
            indices.map { index in
                let (unit, example) = (index % slopes[layer].rows, index / slopes[layer].rows)
                return KinkedUnit(
                    layer: layer + 1, unit: unit, example: example,
                    slope: slopes[layer][unit, example])
            }
        }
    }

    /// Replaces the rows and columns of held units by those of a diagonal matrix.
    package func restrict(_ hessian: inout BlockTridiagonalMatrix) {
        for (layer, indices) in held.enumerated() where !indices.isEmpty {
            let order = hessian.diagonal[layer].rows
            if hessian.compact[layer] == nil {
                hessian.diagonal[layer].withMutablePointer { block in
                    for index in indices {
                        for i in index..<order { block[i + index * order] = 0 }
                        for j in 0..<index { block[index + j * order] = 0 }
                        block[index + index * order] = 1
                    }
                }
            } else {
                for index in indices { hessian.compact[layer]?.isolate(index) }
            }
            if layer > 0 {
                let columns = hessian.below[layer - 1].columns
                hessian.below[layer - 1].withMutablePointer { block in
                    for j in 0..<columns {
                        for index in indices { block[index + j * order] = 0 }
                    }
                }
            }
            guard layer < hessian.below.count else { continue }
            let rows = hessian.below[layer].rows
            hessian.below[layer].withMutablePointer { block in
                for index in indices { (block + index * rows).update(repeating: 0, count: rows) }
            }
        }
    }

    /// Clears the entries of held units.
    package func restrict(_ vector: inout [Matrix<Double>]) {
        for (layer, indices) in held.enumerated() {
            for index in indices {
                vector[layer][index % vector[layer].rows, index / vector[layer].rows] = 0
            }
        }
    }
}
