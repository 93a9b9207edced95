internal import LinearAlgebra
package import Networks

/// A step that a Newton method proposes within a trust region.
package struct WeightSpaceStep {
    package var direction: Parameters<Double>
    /// Its length in the metric of the trust region.
    package var length: Double
    /// The decrease of the quadratic model, positive.
    package var predictedDecrease: Double
    /// Whether the trust region stopped it.
    package var isRestricted: Bool
}

/// A step of Newton's method for the equations of a point with held units.
package struct WeightSpaceKinkStep {
    package var direction: Parameters<Double>
    /// What to add to the slope of each held unit.
    package var slopeChanges: [Double]
}

/// The linear algebra of a weight-space solver: how Newton's equations are solved.
package protocol WeightSpaceNewton {
    associatedtype Model: WeightSpaceObjective

    init(_ model: Model)

    var factorizations: Int { get }
    var hessianProducts: Int { get }

    /// A first radius, in the method's own metric.
    func initialRadius(_ model: Model) -> Double

    /// Minimises the quadratic model of `P` in the trust region.
    ///
    /// - Parameters:
    ///   - isNewPoint: false if the model was differentiated here for the last call already.
    ///   - accuracy: the relative accuracy that is useful, for inexact methods.
    mutating func step(
        _ model: inout Model, isNewPoint: Bool, radius: Double, accuracy: Double
    ) -> WeightSpaceStep

    /// Solves Newton's equations `∇P_ξ = 0`, `h = 0` for weights and slopes of the held units;
    /// `nil` if the Hessian is not positive definite tangent to the constraints.
    mutating func kinkStep(
        _ model: inout Model, accuracy: Double
    ) -> WeightSpaceKinkStep?

    /// The smallest curvature at a solution, tangent to the held units, with its direction; `nil` if
    /// the method does not examine it.
    mutating func smallestCurvature(
        _ model: inout Model
    ) -> (value: Double, direction: Parameters<Double>)?
}
