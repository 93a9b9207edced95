internal import LinearAlgebra
internal import Networks

/// One Euler step of one hidden layer, given the errors that are fed back to it.
///
/// Ten operations on every activity, each a quick pass over memory of its own: they go over a block of
/// columns that stays in the first cache, and then over the next.
struct EulerStep<Scalar: BLASScalar> {
    private let stepSize: Scalar
    /// `−γλ`.
    private let leak: Scalar
    /// `1 − κ`.
    private let keep: Scalar
    private let precision: EulerInference.Precision
    private let activation: Activation
    /// What the bias of the layer above adds to `s`.
    private let bias: Scalar

    /// Five blocks of so many single-precision numbers fill an L1 cache of 32 KiB to five eighths.
    private static var blockLength: Int { 1024 }

    init(_ inference: EulerInference, _ activation: Activation, bias: Scalar) {
        stepSize = Scalar(inference.stepSize)
        leak = -stepSize * Scalar(inference.leak)
        keep = Scalar(1 - inference.decay)
        precision = inference.precision
        self.activation = activation
        self.bias = bias
    }

    /// `h ← (1 − κ)h + γ(φ′(h) ⊙ r·feedback − λe)`, then `a ← φ(h)` and `s ← ‖a‖² + 1` (without the 1
    /// where no bias moves).
    ///
    /// - Parameter activities: `h`.
    /// - Parameter rates: `a`.
    /// - Parameter squaredNorms: `s` of every example, before and after.
    /// - Parameter feedback: the errors fed back; overwritten.
    /// - Parameter errors: `e`, the layer's own.
    /// - Parameter squaredNormsBelow: `s` of the layer below, for normalized precisions
    ///   `r = sₙ₋₁/sₙ`.
    /// - Parameter slopes: room for one block.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    func move(
        _ activities: inout Matrix<Scalar>, rates: inout Matrix<Scalar>,
        squaredNorms: inout [Scalar], feedback: inout Matrix<Scalar>, errors: Matrix<Scalar>,
        squaredNormsBelow: [Scalar], slopes: inout Matrix<Scalar>
    ) {
        let (height, width) = (activities.rows, activities.columns)
        let columns = max(1, Self.blockLength / max(1, height))
        activities.withMutablePointer { allActivities in
            rates.withMutablePointer { allRates in
                feedback.withMutablePointer { allFeedback in
                    slopes.withMutablePointer { slope in
                        errors.withPointer { allErrors in
                            for first in stride(from: 0, to: width, by: columns) {
                                let block = first..<min(width, first + columns)
                                let (offset, count) = (first * height, block.count * height)
                                let h = allActivities + offset
                                let a = allRates + offset
                                let f = allFeedback + offset
                                activation.slope(h, count: count, into: slope)
                                for i in 0..<count { f[i] *= slope[i] }
                                if precision == .normalized {
                                    for j in block {
                                        let ratio = squaredNormsBelow[j] / squaredNorms[j]
                                        Scalar._scal(height, ratio, allFeedback + j * height)
                                    }
                                }
                                if keep != 1 { Scalar._scal(count, keep, h) }
                                Scalar._axpy(count, stepSize, f, h)
                                if leak != 0 { Scalar._axpy(count, leak, allErrors + offset, h) }
                                activation.evaluate(h, count: count, into: a)
                                for j in block {
                                    let column = allRates + j * height
                                    squaredNorms[j] = Scalar._dot(height, column, column) + bias
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
