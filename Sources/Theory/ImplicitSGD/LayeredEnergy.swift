package import LinearAlgebra
package import Networks

/// An energy over activities that couples neighbouring layers only, as Newton's method sees it.
///
/// The variables are displacements from the feedforward pass, one matrix for each layer from 1: the hidden
/// layers, which pass through activations and may have kinks, and perhaps the output.
package protocol LayeredEnergy {
    associatedtype Workspace

    var architecture: Architecture { get }
    var examples: Int { get }
    /// The activities at zero displacement.
    var feedforward: PerLayer<Matrix<Double>> { get }
    /// The activities of the last evaluated point.
    var activities: PerLayer<Matrix<Double>> { get }
    /// The parts of the derivative with respect to hidden layer `n`, `Mₙ − φ′ₙ ⊙ Cₙ`.
    var weightedErrors: PerLayer<Matrix<Double>> { get }
    var feedback: PerLayer<Matrix<Double>> { get }

    /// The energy, `+∞` where it does not exist.
    mutating func evaluate(at displacements: PerLayer<Matrix<Double>>) -> Double
    /// Prepares derivatives at the last evaluated point.
    mutating func differentiate()
    func gradient(slopes: PerLayer<Matrix<Double>>, into gradient: inout PerLayer<Matrix<Double>>)
    /// The relative measure by which a point counts as solved.
    mutating func residual(gradient: PerLayer<Matrix<Double>>, slopes: PerLayer<Matrix<Double>>) -> Double

    func makeWorkspace() -> Workspace
    func assembleHessian(
        slopes: PerLayer<Matrix<Double>>, curvatures: PerLayer<Matrix<Double>>, workspace: inout Workspace,
        into hessian: inout BlockTridiagonalMatrix)
    /// Adds `scale` times the precisions of the blocks to the diagonal of `hessian`.
    func addMetric(scaledBy scale: Double, to hessian: inout BlockTridiagonalMatrix)
}

extension LayeredEnergy {
    /// Zero displacements: the feedforward pass itself.
    package var origin: PerLayer<Matrix<Double>> {
        feedforward.mapValues { Matrix(rows: $0.rows, columns: $0.columns) }
    }

    /// The orders of the blocks.
    package var blockOrders: [Int] { feedforward.map(\.count) }
}
