/// An activation function φ, applied to every entry of an activity: the rate is `a = φ(h)`.
///
/// | | φ(h) | φ′(h) | φ″(h) |
/// |---|---|---|---|
/// | `identity` | h | 1 | 0 |
/// | `relu` | max(h, 0) | 0, 1 | 0 |
/// | `leakyReLU` | max(h, 0) + 0.01·min(h, 0) | 0.01, 1 | 0 |
/// | `tanh` | tanh h | sech² h | −2 tanh h sech² h |
/// | `sigmoid` | σ(h) = 1/(1+e⁻ʰ) | σ(h)σ(−h) | σ′(h)(σ(−h) − σ(h)) |
/// | `softplus` | log(1+eʰ) | σ(h) | σ′(h) |
/// | `gelu` | hΦ(h) | Φ(h) + hΦ′(h) | Φ′(h)(2 − h²) |
///
/// Φ is the standard normal distribution function (the exact GELU, PyTorch's default). `relu` and
/// `leakyReLU` have no derivative at 0: see `kink`. All formulas avoid overflow and, in the
/// tails, cancellation.
public enum Activation: String, CaseIterable, Sendable, Hashable, Codable {
    case identity
    case relu
    case leakyReLU = "leaky-relu"
    case tanh
    case sigmoid
    case softplus
    case gelu

    /// The name used on the command line and in reports.
    public var name: String { rawValue }

    /// The one-sided derivatives at 0, where φ has no derivative; `nil` if φ is smooth.
    public var kink: Kink? {
        switch self {
        case .relu: Kink(leftSlope: 0, rightSlope: 1)
        case .leakyReLU: Kink(leftSlope: Self.leak, rightSlope: 1)
        case .identity, .tanh, .sigmoid, .softplus, .gelu: nil
        }
    }

    /// The slope of `leakyReLU` for negative activities, PyTorch's default.
    public static let leak = 0.01
}

/// The one-sided derivatives of a piecewise linear activation at its kink `h = 0`.
///
/// Every slope in `leftSlope...rightSlope` is an element of the (Clarke) subdifferential there.
public struct Kink: Sendable, Hashable {
    public let leftSlope: Double
    public let rightSlope: Double

    public init(leftSlope: Double, rightSlope: Double) {
        self.leftSlope = leftSlope
        self.rightSlope = rightSlope
    }
}
