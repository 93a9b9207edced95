public import Certificates
public import ImplicitSGD
public import LinearAlgebra
public import Networks

/// How far an update is from the exact implicit update (`docs/theory.md` §5), for all weights together or for
/// one layer.
public struct UpdateDistance: Sendable, Hashable {
    /// `‖Δ − Δ_imp‖/‖Δ_imp‖`.
    public let relativeDistance: Double
    /// `Δ·Δ_imp/(‖Δ‖‖Δ_imp‖)`.
    public let cosine: Double
    /// `‖Δ‖/‖Δ_imp‖`.
    public let normRatio: Double

    /// Of any two updates of the same shapes, `reference` in the place of `Δ_imp`.
    public init(of update: Parameters<Double>, to reference: Parameters<Double>) {
        self.init(
            update.norm, reference.norm, (update - reference).norm, update.dot(reference))
    }

    init(_ update: Double, _ exact: Double, _ difference: Double, _ product: Double) {
        relativeDistance = difference == 0 ? 0 : difference / exact
        cosine = product == 0 ? 0 : max(-1, min(1, product / (update * exact)))
        normRatio = update == 0 && exact == 0 ? 1 : update / exact
    }
}

/// All measures of `docs/theory.md` §5 for one update against one exact update.
public struct UpdateComparison: Sendable {
    /// All weights together.
    public let whole: UpdateDistance
    /// Layer by layer.
    public let layers: [UpdateDistance]
    /// `(P(θ_b+Δ) − P(θ⁺))/(P(θ_b) − P(θ⁺))`: 0 is exact, above 1 is worse than not moving. NaN where
    /// the exact step gains nothing.
    public let proximalGap: Double
    /// `‖Δ + α∇L(θ_b+Δ)‖/‖Δ‖`. Where this update and the exact one put the same unit on its kink, with
    /// the exact one's element of the subdifferential; at other kinks with the left derivative.
    public let implicitResidual: Double
    /// `L(θ_b + Δ)`.
    public let lossAfter: Double
    /// The agreement of inferred and reached activities, for rules that infer some.
    public let activities: ActivityAgreement?

    /// Compares `update` with the exact update of `report`.
    ///
    /// - Parameter inferred: the activities `ĥ₁ … ĥ_N` that the rule inferred.
    /// - Parameter update: `Δ`.
    /// - Parameter report: an exact update; nothing else is worth comparing with.
    /// - Parameter problem: the case that both updates are of.
    public init(
        of update: Parameters<Double>, to report: CertifiedUpdate, in problem: ProximalProblem,
        inferred: PerLayer<Matrix<Double>>? = nil
    ) {
        let pairs = zip(update.layers, report.update.layers)
        layers = pairs.map { own, exact in
            UpdateDistance(own.norm, exact.norm, (own - exact).norm, own.dot(exact))
        }
        whole = UpdateDistance(of: update, to: report.update)
        let plain = problem.linearization(after: update)
        // Units that this update, too, puts on their kink have the slopes of the certificate.
        let kinked = report.kinkedUnits.filter {
            abs(plain.activities[$0.layer][$0.unit, $0.example]) <= 1e-12
        }
        let after = kinked.isEmpty
            ? plain : problem.linearization(after: update, kinkedUnits: kinked)
        lossAfter = after.meanLoss
        let objective = lossAfter + problem.proximalTerm(update)
        proximalGap = (objective - report.objective) / (report.lossBefore - report.objective)
        implicitResidual = problem.implicitResidual(of: update, after)
        activities = inferred.map {
            ActivityAgreement(inferred: $0, reached: after.activities, problem: problem)
        }
    }
}

/// Whether the feedforward activities after the update are the inferred ones (T7, C4).
public struct ActivityAgreement: Sendable, Hashable {
    /// The cosine of `ĥ⁽ᵇ⁾ − h⁽ᵇ⁾` and `h⁽ᵇ⁺¹⁾ − h⁽ᵇ⁾`, the changes of activity that were inferred and
    /// reached.
    public let cosine: Double
    /// `‖ĥ⁽ᵇ⁾ − h⁽ᵇ⁺¹⁾‖/‖ĥ⁽ᵇ⁾ − h⁽ᵇ⁾‖`.
    public let relativeDistance: Double

    init(inferred: PerLayer<Matrix<Double>>, reached: PerLayer<Matrix<Double>>, problem: ProximalProblem) {
        let before = problem.linearization(
            after: Parameters(zerosFor: problem.network.architecture)).activities
        var product = 0.0
        var (inferredNorm, reachedNorm, difference) = (0.0, 0.0, 0.0)
        for n in before.indices {
            let wanted = inferred[n] - before[n]
            let moved = reached[n] - before[n]
            product += wanted.dot(moved)
            inferredNorm += wanted.squaredNorm
            reachedNorm += moved.squaredNorm
            difference += (wanted - moved).squaredNorm
        }
        let size = inferredNorm.squareRoot() * reachedNorm.squareRoot()
        cosine = size == 0 ? 0 : max(-1, min(1, product / size))
        relativeDistance = difference == 0 ? 0 : (difference / inferredNorm).squareRoot()
    }
}
