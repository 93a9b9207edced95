package import LinearAlgebra
package import Networks

/// `∇²P` at one point, as a linear map in some precision.
package protocol CurvatureOperator {
    associatedtype Scalar: BLASScalar
    var learningRates: LearningRates { get }
    /// `result ← ∇²P v`.
    mutating func hessianProduct(_ direction: Parameters<Scalar>, into result: inout Parameters<Scalar>)
}

/// Both passes of a chain at one point, and the derivatives there: what Newton's equations need of `P`.
///
/// A workspace: products with vectors allocate nothing.
package struct WeightSpacePoint<Scalar: BLASScalar>: CurvatureOperator {
    let problem: ProximalProblem
    /// Both passes at `θ_b + Δ`.
    var pass: Pass<Scalar>
    /// `φ″ₙ ⊙ ∂ℓ/∂aₙ` of the hidden layers; of smoothed kinks the convex ones only.
    var bends: PerLayer<Matrix<Scalar>>
    private let targets: Matrix<Scalar>
    /// What `linearize` and `hessianProduct` leave.
    private var tangents: TangentPass<Scalar>

    private init(
        _ problem: ProximalProblem, _ pass: Pass<Scalar>, bends: PerLayer<Matrix<Scalar>>, targets: Matrix<Scalar>
    ) {
        (self.problem, self.pass, self.bends, self.targets) = (problem, pass, bends, targets)
        tangents = TangentPass(pass)
    }

    package var learningRates: LearningRates { problem.rates }
    var architecture: Architecture { pass.architecture }
    /// The derivatives of the activities along the last direction.
    var activityTangents: PerLayer<Matrix<Scalar>> { tangents.activities }

    /// The derivatives of all activities along `direction`, into `activityTangents`.
    mutating func linearize(along direction: Parameters<Scalar>) {
        tangents.linearize(pass, along: direction)
    }

    /// `result ← Σ (∂hₙ/∂θ)ᵀ uₙ` for weights `uₙ` on the activities.
    mutating func pullBack(_ seeds: PerLayer<Matrix<Scalar>>, into result: inout Parameters<Scalar>) {
        tangents.pullBack(seeds, through: pass, into: &result)
        problem.held.clear(&result, in: architecture)
    }

    /// `result ← ∇²P v`, and `linearize(along: v)`. Parameters that are held count for nothing but the proximal term: their
    /// part of `v` moves no activity.
    package mutating func hessianProduct(_ direction: Parameters<Scalar>, into result: inout Parameters<Scalar>) {
        var moving = direction
        problem.held.clear(&moving, in: architecture)
        tangents.hessianProduct(moving, at: pass, bends: bends, problem.loss, targets: targets, into: &result)
        problem.held.clear(&result, in: architecture)
        result.add(direction, dividedBy: learningRates)
    }
}

extension WeightSpacePoint<Double> {
    /// Room for the passes of `problem`.
    init(_ problem: ProximalProblem) {
        var pass = Pass(problem.network, inputs: problem.batch.inputs)
        pass.prepareBackward()
        self.init(problem, pass, bends: pass.slopes, targets: problem.batch.targets)
    }
}

extension WeightSpacePoint<Float> {
    /// A point in single precision; `nil` where its numbers, or learning rates, are too large or too small for that.
    package init?(rounding point: WeightSpacePoint<Double>) {
        let rates = 0x1p-80...0x1p80
        let problem = point.problem
        guard point.pass.weights.layers.indices.allSatisfy({ rates.contains(problem.rates[$0]) }) else { return nil }
        let pass = point.pass.converted(to: Float.self)
        guard pass.weights.isFinite(), pass.activities.allSatisfy({ $0.isFinite() }), pass.errors.allSatisfy({ $0.isFinite() })
        else { return nil }
        let bends = point.bends.converted(to: Float.self)
        guard bends.allSatisfy({ $0.isFinite() }) else { return nil }
        self.init(problem, pass, bends: bends, targets: problem.batch.targets.converted(to: Float.self))
    }
}

extension Parameters {
    /// `αₙ` times each layer.
    func scaled(by rates: LearningRates) -> Parameters {
        var result = self
        result.scale(by: rates)
        return result
    }

    /// Each layer ← `αₙ` times itself.
    mutating func scale(by rates: LearningRates) {
        for n in layers.indices { layers[n].scale(by: Scalar(rates[n])) }
    }

    /// Each layer ← itself `+ other/αₙ`.
    mutating func add(_ other: Parameters, dividedBy rates: LearningRates) {
        for n in layers.indices { layers[n].add(other.layers[n], scaledBy: Scalar(1 / rates[n])) }
    }
}
