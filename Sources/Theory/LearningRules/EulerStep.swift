internal import LinearAlgebra
internal import Networks

/// One Euler step of one hidden layer, given the errors that are fed back to it.
///
/// Three passes over every activity, for slopes, step and rates: they go over a block that stays in the first cache,
/// and then over the next.
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
    /// - Parameter feedback: the errors fed back.
    /// - Parameter errors: `e`, the layer's own.
    /// - Parameter squaredNormsBelow: `s` of the layer below, for normalized precisions
    ///   `r = sₙ₋₁/sₙ`.
    /// - Parameter slopes: room for one block.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    func move(
        _ activities: inout Matrix<Scalar>, rates: inout Matrix<Scalar>,
        squaredNorms: inout [Scalar], feedback: Matrix<Scalar>, errors: Matrix<Scalar>,
        squaredNormsBelow: [Scalar], slopes: inout Matrix<Scalar>
    ) {
        let (height, width) = (activities.rows, activities.columns)
        let columns = max(1, Self.blockLength / max(1, height))
        activities.withMutablePointer { allActivities in
            rates.withMutablePointer { allRates in
                feedback.withPointer { allFeedback in
                    slopes.withMutablePointer { slope in
                        errors.withPointer { allErrors in
                            for first in stride(from: 0, to: width, by: columns) {
                                let block = first..<min(width, first + columns)
                                let offset = first * height
                                activation.slope(allActivities + offset, count: block.count * height, into: slope)
                                for j in block {
                                    let place = j * height
                                    move(
                                        allActivities + place, rates: allRates + place,
                                        slopes: slope + (place - offset),
                                        feedback: allFeedback + place, errors: allErrors + place, count: height,
                                        share: share(squaredNorms[j], below: squaredNormsBelow[j]))
                                    let column = allRates + place
                                    squaredNorms[j] = Scalar._dot(height, column, column) + bias
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The same step for a single example, with the products before and after it: the feedback is that of `nextErrors`
    /// through `weights`, and `prediction` becomes what they make of the new rates.
    ///
    /// - Parameter weights: `Wₙ`.
    /// - Parameter feedbackFactor: what multiplies the errors that are fed back.
    /// - Parameter updatesFeedback: whether to add T8's `aₙ‖eₙ₊₁‖²/sₙ` to them.
    /// - Parameter nextErrors: `eₙ₊₁`.
    /// - Parameter prediction: `Wₙāₙ` of the new rates.
    /// - Parameter squaredNormBelow: `sₙ₋₁`.
    /// - Parameter slopes: room for all slopes.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    func move(
        through weights: inout PackedLayer<Scalar>, feedbackFactor: Scalar, updatesFeedback: Bool,
        nextErrors: Matrix<Scalar>, prediction: inout Matrix<Scalar>, _ activities: inout Matrix<Scalar>,
        rates: inout Matrix<Scalar>, squaredNorms: inout [Scalar], feedback: inout Matrix<Scalar>,
        errors: Matrix<Scalar>,
        squaredNormBelow: Scalar, slopes: inout Matrix<Scalar>
    ) {
        let share = share(squaredNorms[0], below: squaredNormBelow)
        let update = updatesFeedback ? nextErrors.squaredNorm / squaredNorms[0] : 0
        activation.slope(activities, into: &slopes)
        activities.withMutablePointer { h in
            slopes.withPointer { slope in
                errors.withPointer { e in
                    weights.step(
                        errors: nextErrors, slopes: slope, feedback: &feedback, rates: &rates, prediction: &prediction
                    ) { units, f, a in
                        let (first, count) = (units.lowerBound, units.count)
                        if feedbackFactor != 1 { Scalar._scal(count, feedbackFactor, f + first) }
                        if updatesFeedback { Scalar._axpy(count, update, a + first, f + first) }
                        move(
                            h + first, rates: a + first, slopes: slope + first, feedback: f + first, errors: e + first,
                            count: count, share: share)
                    }
                }
            }
        }
        squaredNorms[0] = rates.squaredNorm + bias
    }

    /// `γr`, from `sₙ` and `sₙ₋₁`.
    @inline(__always)
    private func share(_ squaredNorm: Scalar, below: Scalar) -> Scalar {
        precision == .normalized ? stepSize * (below / squaredNorm) : stepSize
    }

    /// The step for `count` neighbouring activities of one example, whose slopes are known.
    ///
    /// - Parameter share: `γr`.
    @inline(__always)
    private func move(
        _ h: UnsafeMutablePointer<Scalar>, rates: UnsafeMutablePointer<Scalar>, slopes: UnsafePointer<Scalar>,
        feedback: UnsafePointer<Scalar>, errors: UnsafePointer<Scalar>, count: Int, share: Scalar
    ) {
        let (keep, leak) = (keep, leak)
        // An error that is left out is not read: it may be no number.
        if leak == 0 {
            for i in 0..<count { h[i] = keep * h[i] + share * (slopes[i] * feedback[i]) }
        } else {
            for i in 0..<count { h[i] = keep * h[i] + share * (slopes[i] * feedback[i]) + leak * errors[i] }
        }
        activation.evaluate(h, count: count, into: rates)
    }
}
