package import LinearAlgebra
package import Networks

/// `P(Δ) = L(θ_b + Δ) + ‖Δ‖²/(2α)` at one point, as the descent in weight space sees it: whether the layers form a
/// chain or a graph.
///
/// A workspace: `move` and `differentiate` fill it, the rest reads it. Hidden layers are numbered from 1; those of a
/// graph are its nodes in topological order.
package protocol WeightSpaceObjective {
    /// What Newton's equations need of the present point.
    associatedtype Point
    /// The kernel of a point.
    associatedtype Kernel: FunctionSpaceKernel where Kernel.Point == Point, Point.Scalar == Double
    /// The kernel of a point in single precision.
    associatedtype CoarseKernel: FunctionSpaceKernel

    /// After `differentiate`.
    var point: Point { get set }
    /// The point in less precision, for steps that need no more; `nil` where its numbers do not fit, or nothing is gained.
    func coarsePoint() -> CoarseKernel.Point?
    /// `Δ`.
    var update: Parameters<Double> { get }
    /// `P`, after `move`; `+∞` where it overflows.
    var value: Double { get }
    /// `∇P`, after `differentiate`.
    var gradient: Parameters<Double> { get }
    /// `α‖∇P‖/‖Δ‖` with the slopes in use.
    var residual: Double { get }
    var learningRates: LearningRates { get }
    var examples: Int { get }
    /// The number of outputs of all examples.
    var outputRows: Int { get }
    /// The layers whose activations may have kinks.
    var hiddenLayers: Range<Int> { get }
    var hasKinks: Bool { get }
    /// Whether the descent could be at rest at a saddle point for reasons of symmetry.
    var isSymmetric: Bool { get }
    /// The treatment of kinks.
    var kinks: KinkTreatment { get set }
    /// `h` of all layers.
    var activities: PerLayer<Matrix<Double>> { get }
    /// `φ′` of the hidden layers.
    var slopes: PerLayer<Matrix<Double>> { get }
    /// `∂ℓᵢ/∂a` of the hidden layers, not divided by `B`.
    var feedback: PerLayer<Matrix<Double>> { get }
    /// The derivatives of the activities along the last direction.
    var activityTangents: PerLayer<Matrix<Double>> { get }

    func activation(ofLayer n: Int) -> Activation
    /// The norm of the problem's metric.
    func metricNorm(_ direction: Parameters<Double>) -> Double
    /// Runs the feedforward pass of `θ_b + Δ`.
    mutating func move(to update: Parameters<Double>)
    /// Runs the backward pass at the present point.
    mutating func differentiate()
    /// The derivatives of all activities along `direction`, into `activityTangents`.
    mutating func linearize(along direction: Parameters<Double>)
    /// `result ← ∇²P v`, and `linearize(along: v)`.
    mutating func hessianProduct(_ direction: Parameters<Double>, into result: inout Parameters<Double>)
    /// Whether the present point solves the implicit equation with units exactly on their kinks.
    mutating func balancesOnKinks() -> Bool
    /// A point where `P` is visibly lower, if the present one is a saddle point; sought only where kinks are degenerate
    /// or `isSuspect`.
    func lowerPoint(isSuspect: Bool, solvedTo tolerance: Double) -> Parameters<Double>?
}

extension WeightSpaceObjective {
    /// The zero of the space of weights.
    package var zero: Parameters<Double> {
        var zero = update
        zero.scale(by: 0)
        return zero
    }
}

/// A row of a kernel for the activity of a hidden unit, multiplied by `scale`.
package struct KernelRow: Sendable {
    package let layer: Int
    /// Unit and example as a column-major index.
    package let index: Int
    package var scale: Double

    package init(layer: Int, index: Int, scale: Double) {
        self.layer = layer
        self.index = index
        self.scale = scale
    }
}

/// The inverse of a positive definite model of `∇²P` by way of function space, as conjugate gradients use it.
package protocol FunctionSpaceKernel {
    associatedtype Point: CurvatureOperator

    /// - Parameter rigid: the rows are constraints.
    init?(_ point: Point, rows: [KernelRow], rigid: Bool)
    /// The rows of hidden units, with the scales that they were given.
    var rows: [KernelRow] { get }
    /// What construction costs, in Hessian-vector products with the application that goes with each.
    var costInProducts: Int { get }
    /// `z ← M⁻¹ r`; returns the multipliers, of the outputs before those of the rows.
    @discardableResult
    mutating func apply(
        to residual: Parameters<Point.Scalar>, displacements: [Double]?, into result: inout Parameters<Point.Scalar>
    ) -> Matrix<Point.Scalar>
}

extension FunctionSpaceKernel {
    /// `z ← M⁻¹ r`.
    @discardableResult
    package mutating func apply(
        to residual: Parameters<Point.Scalar>, into result: inout Parameters<Point.Scalar>
    ) -> Matrix<Point.Scalar> {
        apply(to: residual, displacements: nil, into: &result)
    }
}
