internal import LinearAlgebra

/// What one step costs over activities and over weights, in floating-point operations: by these the solver of a
/// mini-batch is chosen.
///
/// Over activities a step factorizes blocks of order `Bdₙ`, which takes `O(B³Σdₙ³)`. Over weights it takes products with
/// the Hessian and its preconditioner, `O(BΣdₙdₙ₊₁)` each. So from some `B` on weights are cheaper, however wide the layers.
package struct SolverCosts: Sendable {
    /// One factorization of the Hessian of the energy over activities.
    package let factorization: Double
    /// One Hessian product over the weights with one application of the preconditioner's two passes.
    package let product: Double

    /// The costs of a mini-batch of `examples`.
    ///
    /// A product costs `2B` for each weight and each of: two passes and four gradients for `∇²L v`, two passes and two
    /// gradients for the preconditioner, of which the first layer has no passes back. It has at most `B` inputs
    /// (`WeightSpaceReduction`).
    ///
    /// - Parameter widths: `d₀ … d_N`.
    /// - Parameter examples: `B`.
    package init(widths: [Int], examples: Int) {
        factorization = BlockTridiagonalCholesky.operations(orders: widths.dropFirst().map { $0 * examples })
        let first = Double(min(examples, widths[0] + 1) * widths[1])
        let others = zip(widths.dropFirst(), widths.dropFirst(2)).reduce(0.0) { $0 + Double($1.0 * $1.1) }
        product = 2 * Double(examples) * (4 * first + 10 * others)
    }

    /// Whether a factorization costs no more than the products that take its place.
    package var favourActivities: Bool { factorization <= Self.productsPerFactorization * product }

    /// So many products take the time of one step over activities: 5–20 are made for each step, at a rate of BLAS that is a
    /// half to a fifth of the factorization's, because their matrices are narrow. Measured on 113 mini-batches
    /// (`docs/results/speed.md`) 35 to 55 choose best.
    private static let productsPerFactorization = 45.0
}
