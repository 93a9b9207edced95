internal import CaseFiles
internal import LinearAlgebra
internal import Networks

/// What rounding the weights after a step does to the step that is read from files, tensor by tensor.
///
/// A weight that moved was rounded by at most half a unit in the last place, `h`. A weight that did not move can hide
/// a step of up to `h`. So if the step that was meant is `r`, the step read is off by at most
///
/// `Rₜ² = Σ h²/3 + 5(4/45·Σ h⁴)^½` over the weights of tensor `t` that moved, and no more than `Σ h²`, plus
/// `Σ min(h, |r|)²` over those that did not:
///
/// rounding errors are as good as uniform in `±h`, so their squares have the mean `h²/3` and the variance `4h⁴/45`,
/// and five standard deviations are exceeded in one of two million tensors. Weights for which step and `r` are zero do
/// not count, however large. What is left of `‖Δₜ − rₜ‖` is *beyond rounding*.
public struct RoundingBound: Sendable {
    /// `u`: 2⁻²⁴ if any of the weights are F32, else 2⁻⁵³.
    public let unit: Double
    /// How large a part of `‖Δ‖` rounding can be: `(Σ Rₜ²)^½/‖Δ‖` for `r = Δ`, and 100u for a step that was computed
    /// in numbers rounded alike.
    public let distance: Double

    private let update: Parameters<Double>
    /// `h`.
    private let halfUnits: Parameters<Double>

    init(update: Parameters<Double>, after: Parameters<Double>, isSinglePrecision: Bool) {
        unit = isSinglePrecision ? 0x1p-24 : 0x1p-53
        self.update = update
        halfUnits = Parameters(
            layers: after.layers.map { layer in
                Matrix(rows: layer.rows, columns: layer.columns) { i, j in
                    (isSinglePrecision ? Double(Float(layer[i, j]).ulp) : layer[i, j].ulp) / 2
                }
            })
        let norm = update.norm
        let parts = Self.parts(update, update, halfUnits).map(\.rounding)
        distance = norm > 0 ? parts.reduce(0) { $0 + $1 * $1 }.squareRoot() / norm + 100 * unit : .infinity
    }

    /// The part of `‖Δ − r‖` that rounding does not explain, relative to `‖r‖`.
    func excess(over reference: Parameters<Double>) -> Double {
        excess(over: reference, relativeTo: reference.norm)
    }

    func excess(over reference: Parameters<Double>, relativeTo size: Double) -> Double {
        let parts = Self.parts(update, reference, halfUnits)
        let excess = parts.reduce(0.0) {
            let beyond = max(0, $1.deviation - $1.rounding)
            return $0 + beyond * beyond
        }.squareRoot()
        return excess == 0 ? 0 : excess / size
    }

    /// Whether a step of a tensor at this learning rate leaves no trace: `α|g| ≤ h` everywhere.
    func hides(_ gradient: Parameters<Double>, _ move: ParameterMove, learningRate: Double) -> Bool {
        move.columns.allSatisfy { j in
            (0..<gradient.layers[move.layer].rows).allSatisfy { i in
                learningRate * abs(gradient.layers[move.layer][i, j]) <= halfUnits.layers[move.layer][i, j]
            }
        }
    }

    /// The largest `α` for which all of `αg` leaves no trace; `nil` where `g` is zero.
    func largestHiddenRate(_ gradient: Parameters<Double>) -> Double? {
        zip(gradient.flattened, halfUnits.flattened).filter { $0.0 != 0 }.map { $1 / abs($0) }.min()
    }

    /// `‖Δₜ − rₜ‖` and `Rₜ` of each tensor.
    private static func parts(
        _ update: Parameters<Double>, _ reference: Parameters<Double>, _ halfUnits: Parameters<Double>
    ) -> [(deviation: Double, rounding: Double)] {
        update.layers.indices.flatMap { n -> [(deviation: Double, rounding: Double)] in
            let (delta, meant, half) = (update.layers[n], reference.layers[n], halfUnits.layers[n])
            // The last column may be a bias, whose scale is its own; apart from that it does no harm.
            return [0..<(delta.columns - 1), (delta.columns - 1)..<delta.columns].map { range in
                var (deviation, squares, fourths, still) = (0.0, 0.0, 0.0, 0.0)
                for j in range {
                    for i in 0..<delta.rows {
                        let (d, r, h) = (delta[i, j], meant[i, j], half[i, j])
                        deviation += (d - r) * (d - r)
                        if d == 0 {
                            let hidden = min(h, abs(r))
                            still += hidden * hidden
                        } else {
                            squares += h * h
                            fourths += h * h * h * h
                        }
                    }
                }
                let moved = min(squares, squares / 3 + 5 * (4.0 / 45 * fourths).squareRoot())
                return (deviation.squareRoot(), (moved + still).squareRoot())
            }
        }
    }

    /// A step fits if what is beyond rounding is at most this part of it: 1e-4, for those who compute with F32 or
    /// solve to a tolerance of their own.
    public static let acceptance = 1e-4

    /// Whether rounding hides what the update is: it may be more than a twentieth of it.
    public var hidesUpdate: Bool { distance > 0.05 }
}
