public import ImplicitSGD
public import Intervals
public import LinearAlgebra
public import Networks

/// A proof that a stationary point of `P_α` lies near an update, and how near.
///
/// For the zero `h*` of `g = ∇(αE)` in a box around `h̃` and any matrix `R`, `h* − h̃ = −Rg(h̃) + (I − R∇g(ξ))(h* − h̃)`.
/// With `q = ‖I − R∇g(box)‖∞ < 1` and `‖Rg(h̃)‖∞ + qr < r` the box of radius `r` has one zero and no other (Krawczyk),
/// and it is within `‖Rg(h̃)‖∞/(1 − q)` of `h̃`. All of this is computed with bounds of every rounding; the inverse `R` may be
/// anything. By T2 and T3 the zero is a stationary point of `P_α`, and a strict minimum if the energy's Hessian
/// is positive definite there.
///
/// Units that sit on their kinks are held there: `E` is smooth on that face as long as no other unit reaches its kink. The point
/// is stationary if at every held unit `E` rises to both sides, which is proved by the signs of both one-sided derivatives
/// at `h*`; with a positive definite Hessian on the face it is then a strict minimum.
///
/// `h̃` are the activities of the update, moved by at most two Newton steps: any point may be in the middle of a proof.
/// How far the update itself is from the exact one is ``distance``.
public struct ActivityEnclosure: Sendable {
    /// `max |h* − h̃|` is proved to be at most this, over all layers, units and examples.
    public let radius: Double
    /// No other stationary point on the face is as near as this to `h̃`, in the same measure.
    public let uniquenessRadius: Double
    /// An upper bound of `q`.
    public let contraction: Double
    /// How many units are held on their kinks, over all examples.
    public let heldUnits: Int
    /// Whether the point is proved a strict local minimum of `P_α`.
    public let isProvedMinimum: Bool
    /// Enclosures of `H₁* … H_N*` at index `n − 1`.
    public let activities: [BallMatrix]
    /// Enclosures of `ΔW₀ … ΔW_{N−1}` of the exact point.
    public let update: [BallMatrix]
    /// An enclosure of `P_α(θ⁺)`.
    public let objective: Interval
    /// An enclosure of `L(θ⁺)`.
    public let loss: Interval
    /// An enclosure of `‖Δ − Δ_imp‖/‖Δ_imp‖` for the update that it was made from.
    public let distance: Interval

    /// The largest `B·Σdₙ` that is tried.
    public static let orderLimit = 3_000
    /// The number of boxes that are tried, each an eighth or less of the one before.
    private static let boxLimit = 4

    /// Encloses the exact update near `update`.
    ///
    /// One factorization, one inverse and a few products of the order `B·Σdₙ`, and as many again for each further box.
    ///
    /// - Parameter update: `Δ`, of the shapes of the problem's weights.
    /// - Parameter problem: the case.
    /// - Parameter newtonSteps: how many steps of Newton's method may first move the middle of the box.
    /// - Throws: `NotEnclosed`, which is no statement about the update.
    public init(
        around update: Parameters<Double>, for problem: ProximalProblem, newtonSteps: Int = 2
    ) throws(NotEnclosed) {
        let order = problem.batch.size * problem.network.architecture.widths.dropFirst().reduce(0, +)
        guard order <= Self.orderLimit else { throw .size(order) }
        guard problem.rates.isUniform else { throw .layerRates }
        guard !problem.network.architecture.biases.indices.contains(where: problem.held.holdsWeights) else {
            throw .heldWeights
        }
        let pass = CertifyingPass.forward(problem, WrittenWeights(problem, update).layers).activities
        guard pass.allSatisfy(\.isFinite), let input = EnergyEnclosure.InputLayer(problem)
        else { throw .dependentRates }
        let face = HeldFace(problem, pass)
        let start = face.point(pass)
        let scale = start.reduce(0) { max($0, abs($1)) }
        let search = BoxSearch(problem: problem, input: input, face: face, start: start, newtonSteps: newtonSteps)
        let proof = try search.proof(firstBox: max(0x1p-36 * scale, .leastNormalMagnitude), boxes: Self.boxLimit)

        radius = proof.radius
        (uniquenessRadius, contraction, heldUnits) = (proof.box, proof.contraction, face.held.count)
        activities = face.box(proof.point, proof.radius)
        guard let point = EnergyEnclosure(problem, input, at: activities) else { throw .dependentRates }
        try Self.checkKinks(point, face)
        isProvedMinimum = proof.hessian.isProvedPositiveDefinite
        (self.update, objective, loss) = (point.update, point.objective, point.loss)
        distance = Interval.norm(of: zip(update.layers, self.update).map { BallMatrix(exactly: $0) - $1 })
            / Interval.norm(of: self.update)
    }

    /// Proves that `E` rises to both sides of every held unit: `Gⱼ − rCⱼ > 0` to the right, `Gⱼ − lCⱼ < 0` to the left.
    private static func checkKinks(_ point: EnergyEnclosure, _ face: HeldFace) throws(NotEnclosed) {
        for coordinate in face.held {
            let (layer, unit, example) = face.place(coordinate)
            guard let kink = point.problem.network.architecture.activation(ofLayer: layer).kink else { continue }
            let own = point.responses[layer - 1][unit, example]
            let above = point.feedback[layer - 1][unit, example]
            guard (own - kink.rightSlope * above).lower > 0, (own - kink.leftSlope * above).upper < 0
            else { throw .undecidedKink(layer: layer, unit: unit, example: example) }
        }
    }
}
