package import LinearAlgebra
package import Networks

/// Matrix update equalization, the optimiser `mq`: one learning rate for each weight matrix, by the mean size of its
/// gradients, so that no layer moves too little.
///
/// `Wₙ ← Wₙ + (α/(vₙ + r) + η_min)Gₙ`, then `vₙ ← ρₜvₙ + (1 − ρₜ)·mean|Gₙ|` with `ρₜ = min(t/(t + 1), ρ)` in update
/// `t = 1, 2, …`; `Gₙ` is the rule's update for `α = 1`, biases included, and `vₙ` begins at `α`. So the first update is about
/// `Gₙ`, and later `α` is the mean size of a weight's change, as with Adam.
///
/// N. Alonso, J. Krichmar, E. Neftci, *Understanding and improving optimization in predictive coding networks*, AAAI
/// 2024 (arXiv 2305.13562). Order, beginning and constants are those of the code published with it.
package struct MatrixEqualization<Scalar: BLASScalar>: Sendable, Equatable {
    /// `ρ`.
    package static var meanDecay: Double { 0.9999 }
    /// `r`, which bounds the rate of a layer without gradient.
    package static var floor: Double { 1e-6 }
    /// `η_min`.
    package static var leastRate: Double { 1e-3 }

    /// `v₀ … v_{N−1}`; empty before the first update.
    package var means: [Scalar]
    /// `t`, the number of updates made.
    package var count: Int

    package init(means: [Scalar] = [], count: Int = 0) {
        self.means = means
        self.count = count
    }

    /// One step in place; returns the squared norm of the update.
    ///
    /// - Parameter direction: `G`; replaced by the update.
    package mutating func apply(
        direction: inout Parameters<Scalar>, learningRate: Scalar, to network: inout Network<Scalar>
    ) -> Scalar {
        if means.isEmpty { means = direction.layers.map { _ in learningRate } }
        count += 1
        let keep = Scalar(min(Double(count) / Double(count + 1), Self.meanDecay))
        var squaredNorm: Scalar = 0
        for n in direction.layers.indices {
            let size = direction.layers[n].meanMagnitude
            direction.layers[n].scale(by: learningRate / (means[n] + Scalar(Self.floor)) + Scalar(Self.leastRate))
            means[n] = keep * means[n] + (1 - keep) * size
            squaredNorm += direction.layers[n].squaredNorm
            network.parameters.layers[n].add(direction.layers[n])
        }
        return squaredNorm
    }
}

extension Matrix {
    /// The mean of the absolute values of all elements; 0 of a matrix without elements.
    fileprivate var meanMagnitude: Scalar {
        let size = count
        return size == 0 ? 0 : withPointer { x in (0..<size).reduce(0) { $0 + x[$1].magnitude } } / Scalar(size)
    }
}
