internal import LinearAlgebra
internal import Networks

/// How large a relative distance rounding alone can make between an update read from files and the
/// update that was meant.
///
/// Every weight after the step is rounded by up to `u` of itself, which makes `u‖θ_after‖` of `‖Δ‖`;
/// the step itself was computed with numbers rounded alike, which makes some more `u`:
///
/// `τ = u(‖θ_after‖/‖Δ‖ + 100)`, `u = 2⁻²⁴` if any of the weights are F32, else `2⁻⁵³`.
public struct RoundingBound: Sendable, Hashable {
    /// `u`.
    public let unit: Double
    /// `τ`.
    public let distance: Double

    init(update: Parameters<Double>, after: Parameters<Double>, isSinglePrecision: Bool) {
        unit = isSinglePrecision ? 0x1p-24 : 0x1p-53
        let norm = update.norm
        distance = norm > 0 ? unit * (after.norm / norm + 100) : .infinity
    }

    /// The relative distance up to which an update counts as the one it is compared with: 1e-4, for
    /// those who solve to a tolerance of their own, or `4τ` where that is more.
    public var acceptance: Double { max(1e-4, 4 * distance) }

    /// Whether rounding hides what the update is: `4τ > 0.1`.
    public var hidesUpdate: Bool { 4 * distance > 0.1 }
}
