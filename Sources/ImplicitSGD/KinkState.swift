package import LinearAlgebra
package import Networks

/// The treatment of kinks at one point of activity space: the slope of every hidden unit, and which
/// units are held on their kink.
///
/// For a unit at `h = 0` with one-sided slopes `l < r`, the energy has the one-sided derivatives
/// `M − lC` and `M − rC` (theory §7). The unit is *held* if the left one is ≤ 0 and the right one
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

    package init(_ energy: borrowing some LayeredEnergy) {
        slopes = Array(energy.activities.prefix(energy.hiddenLayers))
        held = Array(repeating: [], count: slopes.count)
        releasedSides = Array(repeating: [:], count: slopes.count)
        for n in 1..<(energy.hiddenLayers + 1) {
            let activation = energy.architecture.activation(ofLayer: n)
            activation.slope(energy.activities[n - 1], into: &slopes[n - 1])
        }
        freeSlopes = slopes
        for n in 1..<(energy.hiddenLayers + 1) {
            let activation = energy.architecture.activation(ofLayer: n)
            guard let kink = activation.kink else { continue }
            for k in 0..<energy.activities[n - 1].count
            where energy.activities[n - 1].elements[k] == 0 {
                classify(
                    layer: n, index: k, kink: kink,
                    response: energy.responses[n - 1].elements[k],
                    feedback: energy.feedback[n - 1].elements[k])
            }
        }
    }

    private mutating func classify(
        layer n: Int, index: Int, kink: Kink, response: Double, feedback: Double
    ) {
        let left = response - kink.leftSlope * feedback
        let right = response - kink.rightSlope * feedback
        let zero = Self.rounding * (abs(response) + abs(feedback))
        var slope: Double
        if right < -zero && right <= -left {
            slope = kink.rightSlope
            releasedSides[n - 1][index] = 1
        } else if left > zero {
            slope = kink.leftSlope
            releasedSides[n - 1][index] = -1
        } else {
            slope = feedback == 0 ? kink.leftSlope : response / feedback
            slope = min(max(slope, kink.leftSlope), kink.rightSlope)
            held[n - 1].append(index)
        }
        let (i, j) = (index % slopes[n - 1].rows, index / slopes[n - 1].rows)
        slopes[n - 1][i, j] = slope
        freeSlopes[n - 1][i, j] = held[n - 1].last == index ? 0 : slope
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

    /// Replaces the rows and columns of held units by those of the identity.
    package func restrict(_ hessian: inout BlockTridiagonalMatrix) {
        for (layer, indices) in held.enumerated() {
            for index in indices {
                let order = hessian.diagonal[layer].rows
                for i in index..<order { hessian.diagonal[layer][i, index] = 0 }
                for j in 0..<index { hessian.diagonal[layer][index, j] = 0 }
                hessian.diagonal[layer][index, index] = 1
                if layer > 0 {
                    for j in 0..<hessian.below[layer - 1].columns {
                        hessian.below[layer - 1][index, j] = 0
                    }
                }
                guard layer < hessian.below.count else { continue }
                for i in 0..<hessian.below[layer].rows { hessian.below[layer][i, index] = 0 }
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
