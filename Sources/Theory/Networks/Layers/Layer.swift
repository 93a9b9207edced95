package import LinearAlgebra

/// A layer that is linear in its parameters: its prediction from the rates `a` is `p = c(a) + A(a)·w` (T17).
///
/// Passes, learning rules and Gram matrices use these operations and nothing else, so that a further kind of
/// layer is one file. The parameters `w` are kept as a matrix `W`, of whatever shape suits the kind; `c` and `A` are
/// affine in `a`. Examples are columns. No operation of a dense layer allocates, except `regressors`; a convolution makes
/// room for its patches.
///
/// The laws, for all arguments, which the tests of a kind check:
///
/// - `predict(a + ȧ) = predict(a) + propagate(ȧ)`;
/// - `⟨propagate(ȧ), e⟩ = ⟨ȧ, pullBackToRates(e)⟩`;
/// - `predict(a; W + V) − predict(a; W) = predictChange(a, along: V)`;
/// - `⟨predictChange(a + ȧ, along: V) − predictChange(a, along: V), e⟩ = ⟨ȧ, pullBackToRates(e, along: V)⟩`;
/// - `⟨predictChange(a, along: V), e⟩ = ⟨V, pullBackToWeights(e, a)⟩`;
/// - `pullBackToWeights(e, a + ȧ) = pullBackToWeights(e, a) + pullBackToWeights(e, along: ȧ)`;
/// - `predict(a; W) − predict(a; 0) = W · regressors(a)`, the columns of an example's positions one below another. With
///   groups every position has a column for each, and a group's rows of `W` meet its own.
///
/// By the last law the Gram matrix of a layer is `K = RᵀR` for `R = regressors(a)`, and the least-norm change of
/// weights that moves the prediction by `e` is `pullBackToWeights(eK⁻¹, a)` (T1, T3).
package protocol Layer: Hashable, Sendable {
    /// The number of rates of an example.
    var inputWidth: Int { get }
    /// In how many places of its output the layer uses its weights: 1 if every output has weights of its own.
    var positions: Int { get }
    /// How many groups of outputs see inputs of their own: 1 if every output sees the same.
    var groups: Int { get }
    /// The shape of `W`.
    var weightRows: Int { get }
    var weightColumns: Int { get }
    /// Whether the last column of `W` meets a constant 1.
    var hasBias: Bool { get }

    /// `prediction ← c(a) + A(a)·w`.
    func predict<S: BLASScalar>(
        _ rates: Matrix<S>, weights: Matrix<S>, into prediction: inout Matrix<S>)

    /// `result ← scale · (∂p/∂a)ȧ + keep · result`.
    func propagate<S: BLASScalar>(
        _ change: Matrix<S>, weights: Matrix<S>, scale: S, keep: S, into result: inout Matrix<S>)

    /// `result ← (∂p/∂a)ᵀe + keep · result`.
    func pullBackToRates<S: BLASScalar>(
        _ errors: Matrix<S>, weights: Matrix<S>, keep: S, into result: inout Matrix<S>)

    /// `result ← A(a)·v`, the derivative of the prediction along a direction `v` of the weights.
    func predictChange<S: BLASScalar>(
        _ rates: Matrix<S>, along direction: Matrix<S>, into result: inout Matrix<S>)

    /// `result ← (∂(A(a)·v)/∂a)ᵀe + keep · result`.
    func pullBackToRates<S: BLASScalar>(
        _ errors: Matrix<S>, along direction: Matrix<S>, keep: S, into result: inout Matrix<S>)

    /// `result ← scale · A(a)ᵀe + keep · result`.
    func pullBackToWeights<S: BLASScalar>(
        _ errors: Matrix<S>, _ rates: Matrix<S>, scale: S, keep: S, into result: inout Matrix<S>)

    /// `result ← result + scale · (A(a + ȧ) − A(a))ᵀe`.
    func pullBackToWeights<S: BLASScalar>(
        _ errors: Matrix<S>, along change: Matrix<S>, scale: S, into result: inout Matrix<S>)

    /// `R`, one column for each position of each example; the 1 of a bias is its last row.
    func regressors<S: BLASScalar>(_ rates: Matrix<S>) -> Matrix<S>
}

extension Layer {
    /// The number of predictions of an example.
    package var outputWidth: Int { weightRows * positions }
    package var groups: Int { 1 }
}
