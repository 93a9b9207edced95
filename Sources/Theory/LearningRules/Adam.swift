package import LinearAlgebra
package import Networks
internal import RealModule

/// The constants of Adam; the defaults are those of its authors and of PyTorch.
///
/// D. P. Kingma and J. Ba, *Adam: a method for stochastic optimization*, ICLR 2015, Algorithm 1.
public struct AdamConstants: Sendable, Hashable, Codable {
    /// `β₁`, the decay of the mean of the gradients.
    public var meanDecay: Double
    /// `β₂`, the decay of the mean of their squares.
    public var squareDecay: Double
    /// `ε`, added to the root of the mean square.
    public var epsilon: Double

    public init(meanDecay: Double = 0.9, squareDecay: Double = 0.999, epsilon: Double = 1e-8) {
        self.meanDecay = meanDecay
        self.squareDecay = squareDecay
        self.epsilon = epsilon
    }
}

/// Adam's running means for every weight: `bp-adam`, `il-adam` and `il-prox-adam` give it the
/// gradients of their rules.
package struct AdamMoments<Scalar: BLASScalar>: Sendable, Equatable {
    /// `m`, the mean of the gradients, started at zero.
    package var means: Parameters<Scalar>
    /// `v`, the mean of their squares.
    package var squares: Parameters<Scalar>
    /// `t`, the number of gradients seen.
    package var count: Int

    package init(zerosFor architecture: Architecture) {
        means = Parameters(zerosFor: architecture)
        squares = means
        count = 0
    }

    package init(means: Parameters<Scalar>, squares: Parameters<Scalar>, count: Int) {
        self.means = means
        self.squares = squares
        self.count = count
    }

    /// One step in place; returns the squared norm of the update.
    ///
    /// `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`, `θ ← θ − α m̂/(√v̂ + ε)` with
    /// `m̂ = m/(1−β₁ᵗ)`, `v̂ = v/(1−β₂ᵗ)`. Means below the least normal number become zero: weights
    /// without gradient would end there, and arithmetic with subnormal numbers is ten times slower.
    ///
    /// - Parameter direction: `−g`; replaced by the update.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func apply(
        direction: inout Parameters<Scalar>, learningRate: Scalar, _ constants: AdamConstants,
        to network: inout Network<Scalar>
    ) -> Scalar {
        count += 1
        let meanCorrection = 1 - Double.pow(constants.meanDecay, count)
        let squareCorrection = 1 - Double.pow(constants.squareDecay, count)
        // α m̂/(√v̂ + ε) = size · m/(√v + ε√(1−β₂ᵗ)).
        let root = squareCorrection.squareRoot()
        let size = Scalar(Double(learningRate) * root / meanCorrection)
        let epsilon = Scalar(constants.epsilon * root)
        let keepMean = Scalar(constants.meanDecay)
        let keepSquare = Scalar(constants.squareDecay)
        let (newMean, newSquare) = (1 - keepMean, 1 - keepSquare)
        let least = Scalar.leastNormalMagnitude
        var squaredNorm: Scalar = 0
        for n in direction.layers.indices {
            let elements = direction.layers[n].count
            direction.layers[n].withMutablePointer { d in
                means.layers[n].withMutablePointer { m in
                    squares.layers[n].withMutablePointer { v in
                        for i in 0..<elements {
                            let mean = keepMean * m[i] + newMean * d[i]
                            let square = keepSquare * v[i] + newSquare * (d[i] * d[i])
                            let kept = mean.magnitude < least ? 0 : mean
                            let keptSquare = square < least ? 0 : square
                            m[i] = kept
                            v[i] = keptSquare
                            d[i] = size * kept / (keptSquare.squareRoot() + epsilon)
                        }
                    }
                }
            }
            squaredNorm += direction.layers[n].squaredNorm
            network.parameters.layers[n].add(direction.layers[n])
        }
        return squaredNorm
    }
}
