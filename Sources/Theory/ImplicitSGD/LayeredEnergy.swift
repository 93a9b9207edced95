package import LinearAlgebra
package import Networks

/// An energy over activities that couples neighbouring layers only, as Newton's method sees it.
///
/// The variables are displacements from the feedforward pass, one matrix for each block; the first
/// `hiddenLayers` blocks pass through activations and may have kinks.
package protocol LayeredEnergy {
    associatedtype Workspace

    var architecture: Architecture { get }
    var examples: Int { get }
    /// The activities at zero displacement, one matrix for each block of variables.
    var feedforward: [Matrix<Double>] { get }
    /// The number of leading blocks that are hidden layers: `N − 1`.
    var hiddenLayers: Int { get }
    /// The activities of the last evaluated point.
    var activities: [Matrix<Double>] { get }
    /// The parts of the derivative with respect to hidden layer `n`, `responses[n−1] − φ′ ⊙ feedback[n−1]`.
    var responses: [Matrix<Double>] { get }
    var feedback: [Matrix<Double>] { get }

    /// The energy, `+∞` where it does not exist.
    mutating func evaluate(at displacements: [Matrix<Double>]) -> Double
    /// Prepares derivatives at the last evaluated point.
    mutating func differentiate()
    func gradient(slopes: [Matrix<Double>], into gradient: inout [Matrix<Double>])
    /// The relative measure by which a point counts as solved.
    mutating func residual(gradient: [Matrix<Double>], slopes: [Matrix<Double>]) -> Double

    func makeWorkspace() -> Workspace
    func assembleHessian(
        slopes: [Matrix<Double>], curvatures: [Matrix<Double>], workspace: inout Workspace,
        into hessian: inout BlockTridiagonalMatrix)
    /// Adds `scale` times the precisions of the blocks to the diagonal of `hessian`.
    func addMetric(scaledBy scale: Double, to hessian: inout BlockTridiagonalMatrix)
}

extension LayeredEnergy {
    /// Zero displacements: the feedforward pass itself.
    package var origin: [Matrix<Double>] {
        feedforward.map { Matrix(rows: $0.rows, columns: $0.columns) }
    }

    /// The orders of the blocks.
    package var blockOrders: [Int] { feedforward.map(\.count) }
}
