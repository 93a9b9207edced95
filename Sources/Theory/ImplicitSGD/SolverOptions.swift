/// What every solver needs to know.
public struct SolverOptions: Sendable, Hashable {
    /// The bound on the implicit residual `‖Δ + α∇L(θ⁺)‖/‖Δ‖`.
    ///
    /// 1e-10 by default. Double precision supports about `ε·α·ρ·‖θ‖/‖Δ‖`, where `ρ` is the
    /// largest curvature of `L`: 1e-12 is out of reach only for extreme α.
    public var tolerance: Double
    public var iterationLimit: Int

    public init(tolerance: Double = 1e-10, iterationLimit: Int = 500) {
        self.tolerance = tolerance
        self.iterationLimit = iterationLimit
    }
}
