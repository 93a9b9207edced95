package import LinearAlgebra
package import Networks

/// How a weight-space model makes activations with kinks differentiable.
///
/// Every unit of every example has a slope `ξ` (its *centre*), and there are two treatments of `φ`,
/// which has slopes `l` and `r` beside its kink:
///
/// - *smoothed* with width `μ`: `max over s ∈ [l, r] of s·h − μ/2 (s − ξ)²`, the augmented Lagrangian
///   of the kink. Its slope is `ξ + h/μ` clipped to `[l, r]`. While `ξ` is the slope at `h` it agrees
///   with `φ` there, so nothing changes at the starting point; and where `ξ` balances a unit that
///   sits on its kink, it does so for every `μ`: no limit `μ → 0` is needed.
/// - *linear*: `ξ·h`. Units that are *held* must have `h = 0`, the others a sign that suits `ξ`.
package struct KinkTreatment {
    /// `ξ` for `n = 1..<N`.
    package internal(set) var centers: PerLayer<Matrix<Double>>
    /// `μ` for each hidden layer; not positive means linear.
    package internal(set) var widths: PerLayer<Double>
    /// The held units, from the last layer to the first.
    package internal(set) var held: [KinkedUnit] = []

    /// - Parameter units: how many units of each hidden layer have a kink: all or none.
    package init(units: PerLayer<Int>, examples: Int) {
        centers = units.mapValues { Matrix(rows: $0, columns: examples) }
        widths = centers.mapValues { _ in 0 }
    }

    init(_ architecture: Architecture, examples: Int) {
        self.init(
            units: PerLayer(architecture.hiddenLayers) {
                architecture.activation(ofLayer: $0).kink == nil ? 0 : architecture.widths[$0]
            }, examples: examples)
    }

    package func activate(
        _ n: Int, _ kink: Kink, _ activity: Matrix<Double>, into rate: inout Matrix<Double>
    ) {
        let width = widths[n]
        let (l, r) = (kink.leftSlope, kink.rightSlope)
        let count = activity.count
        rate.withMutablePointer { a in
            activity.withPointer { h in
                centers[n].withPointer { center in
                    if width > 0 {
                        for i in 0..<count {
                            let slope = min(max(center[i] + h[i] / width, l), r)
                            let shift = slope - center[i]
                            a[i] = slope * h[i] - width / 2 * shift * shift
                        }
                    } else {
                        for i in 0..<count { a[i] = center[i] * h[i] }
                    }
                }
            }
        }
    }

    package func bend(
        _ n: Int, _ kink: Kink, _ activity: Matrix<Double>, slopes: inout Matrix<Double>,
        bends: inout Matrix<Double>
    ) {
        let width = widths[n]
        let (l, r) = (kink.leftSlope, kink.rightSlope)
        let count = activity.count
        slopes.withMutablePointer { slope in
            bends.withMutablePointer { bend in
                activity.withPointer { h in
                    centers[n].withPointer { center in
                        for i in 0..<count {
                            let free = width > 0 ? center[i] + h[i] / width : center[i]
                            slope[i] = min(max(free, l), r)
                            bend[i] = width > 0 && free > l && free < r ? 1 / width : 0
                            if width <= 0 { slope[i] = center[i] }
                        }
                    }
                }
            }
        }
    }

    /// `bends ← max(0, bends)`, for the curvature `φ″ ⊙ ∂ℓ/∂a` of smoothed kinks.
    ///
    /// A smoothed concave kink is a curvature of `−1/μ` within the width and none beyond, so a quadratic model that knows
    /// it goes down without end, and its step is stopped by nothing but the trust region. Without it the model lies above
    /// what it models there. The gradient is unchanged, and a linear kink has no curvature to drop.
    package static func keepConvex(_ bends: inout Matrix<Double>) {
        let count = bends.count
        bends.withMutablePointer { bend in
            for i in 0..<count { bend[i] = max(0, bend[i]) }
        }
    }
}
