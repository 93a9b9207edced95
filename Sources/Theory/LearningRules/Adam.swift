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
package struct AdamMoments<Scalar: BLASScalar>: Sendable {
    /// `m`, the mean of the gradients, started at zero.
    package var means: Parameters<Scalar>
    /// `v`, the mean of their squares.
    package var squares: Parameters<Scalar>
    /// `t`, the number of gradients seen.
    package var count: Int
    /// Room for the changes of a column and the sums of their squares.
    private var scratch = Matrix<Scalar>(rows: 0, columns: 1)

    /// Before the first step, for parameters of these shapes.
    package init(zerosLike parameters: Parameters<Scalar>) {
        means = Parameters(layers: parameters.layers.map { Matrix(rows: $0.rows, columns: $0.columns) })
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
    /// - Parameter direction: `−g`.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func apply(
        direction: Parameters<Scalar>, learningRate: Scalar, _ constants: AdamConstants,
        to parameters: inout Parameters<Scalar>
    ) -> Scalar {
        let step = nextStep(learningRate: learningRate, constants)
        var squaredNorm: Scalar = 0
        for n in direction.layers.indices {
            squaredNorm += direction.layers[n].withPointer { d in
                apply(step, ofLayer: n, to: &parameters.layers[n]) { column, height in
                    AdamStep.Gradient(vector: d + column * height, factor: 1)
                }
            }
        }
        return squaredNorm
    }

    /// Begins a step: what its number makes of the constants.
    package mutating func nextStep(learningRate: Scalar, _ constants: AdamConstants) -> AdamStep<Scalar> {
        count += 1
        return AdamStep(number: count, learningRate: learningRate, constants)
    }

    /// The step for the weights of layer `n`; returns its squared norm.
    ///
    /// Weights and moments are read and written once, column by column, and nothing else leaves the first-level cache.
    ///
    /// - Parameter gradient: `−g` of a column, by its number and height.
    @inline(__always)
    package mutating func apply(
        _ step: AdamStep<Scalar>, ofLayer n: Int, to weights: inout Matrix<Scalar>,
        gradient: (_ column: Int, _ height: Int) -> AdamStep<Scalar>.Gradient
    ) -> Scalar {
        let (height, width) = (weights.rows, weights.columns)
        if scratch.count < 2 * height { scratch = Matrix(rows: 2 * height, columns: 1) }
        return scratch.withMutablePointer { change in
            let squaredNorms = change + height
            squaredNorms.update(repeating: 0, count: height)
            means.layers[n].withMutablePointer { m in
                squares.layers[n].withMutablePointer { v in
                    weights.withMutablePointer { w in
                        for column in 0..<width {
                            let start = column * height
                            step.assignChange(
                                gradient(column, height), m + start, v + start, count: height, to: change)
                            AdamStep.add(change, to: w + start, squares: squaredNorms, count: height)
                        }
                    }
                }
            }
            return (0..<height).reduce(0) { $0 + squaredNorms[$1] }
        }
    }
}

/// One step of Adam: its constants, and its arithmetic on neighbouring weights.
///
/// `α m̂/(√v̂ + ε)` is `size · m/(√v + ε√(1−β₂ᵗ))`.
package struct AdamStep<Scalar: BLASScalar> {
    private let size: Scalar
    private let epsilon: Scalar
    private let keepMean: Scalar
    private let keepSquare: Scalar

    init(number: Int, learningRate: Scalar, _ constants: AdamConstants) {
        let meanCorrection = 1 - Double.pow(constants.meanDecay, number)
        let root = (1 - Double.pow(constants.squareDecay, number)).squareRoot()
        size = Scalar(Double(learningRate) * root / meanCorrection)
        epsilon = Scalar(constants.epsilon * root)
        keepMean = Scalar(constants.meanDecay)
        keepSquare = Scalar(constants.squareDecay)
    }

    /// `−g` of a column of weights: `factor · vector`.
    package struct Gradient {
        let vector: UnsafePointer<Scalar>
        let factor: Scalar
    }

    /// `change ← size · m/(√v + ε)` with the means moved on. Three arrays are written: more, and the compiler no longer
    /// makes vectors of the loop.
    @inline(__always)
    func assignChange(
        _ gradient: Gradient, _ m: UnsafeMutablePointer<Scalar>, _ v: UnsafeMutablePointer<Scalar>, count: Int,
        to change: UnsafeMutablePointer<Scalar>
    ) {
        let (newMean, newSquare) = (1 - keepMean, 1 - keepSquare)
        let least = Scalar.leastNormalMagnitude
        let (vector, factor) = (gradient.vector, gradient.factor)
        for i in 0..<count {
            let d = factor * vector[i]
            let mean = keepMean * m[i] + newMean * d
            let square = keepSquare * v[i] + newSquare * (d * d)
            let kept = mean.magnitude < least ? 0 : mean
            let keptSquare = square < least ? 0 : square
            m[i] = kept
            v[i] = keptSquare
            change[i] = size * kept / (keptSquare.squareRoot() + epsilon)
        }
    }

    /// `weights ← weights + change`, and `squares ← squares + change²` one by one.
    @inline(__always)
    static func add(
        _ change: UnsafeMutablePointer<Scalar>, to weights: UnsafeMutablePointer<Scalar>,
        squares: UnsafeMutablePointer<Scalar>, count: Int
    ) {
        for i in 0..<count {
            weights[i] += change[i]
            squares[i] += change[i] * change[i]
        }
    }
}
