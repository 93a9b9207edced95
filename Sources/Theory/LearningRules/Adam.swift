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
    /// Room for a factor of each column, and for the direction of a flat layer.
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
    /// Weights and moments are read and written once.
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
        var squaredNorm = 0.0
        for n in step.order(of: direction.layers.indices) {
            squaredNorm += direction.layers[n].withPointer { d in
                apply(step, ofLayer: n, to: &parameters.layers[n], alongWhole: d)
            }
        }
        return Scalar(squaredNorm)
    }

    /// Begins a step: what its number makes of the constants.
    package mutating func nextStep(learningRate: Scalar, _ constants: AdamConstants) -> AdamStep<Scalar> {
        count += 1
        return AdamStep(number: count, learningRate: learningRate, constants)
    }

    /// The step for the weights of layer `n` along `scale · e(a, b)ᵀ`, which is minus the gradient and is not formed;
    /// returns its squared norm.
    ///
    /// - Parameter errors: `e`, a number for each row of the weights.
    /// - Parameter rates: `a`; columns of the weights beyond meet `bias`.
    package mutating func apply(
        _ step: AdamStep<Scalar>, ofLayer n: Int, to weights: inout Matrix<Scalar>,
        along errors: Matrix<Scalar>, _ rates: Matrix<Scalar>, bias: Scalar, scale: Scalar
    ) -> Double {
        let (height, width, inputs) = (weights.rows, weights.columns, rates.count)
        let isFlat = height < Self.leastHeight
        let needed = width + (isFlat ? weights.count : 0)
        if scratch.count < needed { scratch = Matrix(rows: needed, columns: 1) }
        // Taken out, so that it and the moments can change at the same time.
        var room = Matrix<Scalar>(rows: 0, columns: 0)
        swap(&room, &scratch)
        defer { swap(&room, &scratch) }
        return room.withMutablePointer { factors in
            rates.withPointer { a in
                for column in 0..<width { factors[column] = scale * (column < inputs ? a[column] : bias) }
            }
            return errors.withPointer { e in
                guard isFlat else {
                    return apply(step, ofLayer: n, to: &weights, factors: factors, e, rows: height, columns: width)
                }
                let direction = factors + width
                for j in 0..<width {
                    for i in 0..<height { direction[i + j * height] = factors[j] * e[i] }
                }
                return apply(step, ofLayer: n, to: &weights, alongWhole: direction)
            }
        }
    }

    /// Columns of fewer numbers hardly fill vectors: there the direction is formed after all, and is as small.
    private static var leastHeight: Int { 64 }

    /// The step along a direction that has all the weights' numbers.
    private mutating func apply(
        _ step: AdamStep<Scalar>, ofLayer n: Int, to weights: inout Matrix<Scalar>,
        alongWhole direction: UnsafePointer<Scalar>
    ) -> Double {
        withUnsafePointer(to: 1 as Scalar) {
            apply(step, ofLayer: n, to: &weights, factors: $0, direction, rows: weights.count, columns: 1)
        }
    }

    private mutating func apply(
        _ step: AdamStep<Scalar>, ofLayer n: Int, to weights: inout Matrix<Scalar>, factors: UnsafePointer<Scalar>,
        _ direction: UnsafePointer<Scalar>, rows: Int, columns: Int
    ) -> Double {
        means.layers[n].withMutablePointer { m in
            squares.layers[n].withMutablePointer { v in
                weights.withMutablePointer { w in
                    Scalar._adamStep(
                        step.size, step.epsilon, step.keepMean, step.keepSquare, factors, direction, rows, columns,
                        m, v, w)
                }
            }
        }
    }
}

/// One step of Adam: what its number makes of the constants.
///
/// `α m̂/(√v̂ + ε)` is `size · m/(√v + ε√(1−β₂ᵗ))`.
package struct AdamStep<Scalar: BLASScalar> {
    private let number: Int
    fileprivate let size: Scalar
    fileprivate let epsilon: Scalar
    fileprivate let keepMean: Scalar
    fileprivate let keepSquare: Scalar

    init(number: Int, learningRate: Scalar, _ constants: AdamConstants) {
        let meanCorrection = 1 - Double.pow(constants.meanDecay, number)
        let root = (1 - Double.pow(constants.squareDecay, number)).squareRoot()
        self.number = number
        size = Scalar(Double(learningRate) * root / meanCorrection)
        epsilon = Scalar(constants.epsilon * root)
        keepMean = Scalar(constants.meanDecay)
        keepSquare = Scalar(constants.squareDecay)
    }

    /// Layers in turn from the first and from the last: moments and weights of the paper's network are larger than a
    /// second-level cache, and those that a step took last are still in it when the next one begins.
    package func order(of layers: Range<Int>) -> [Int] { number % 2 == 0 ? layers.reversed() : Array(layers) }
}
