public import ImplicitSGD
public import Intervals
public import LinearAlgebra
public import Networks

/// A proof that a stationary point of `P_α` lies near an update, and how near.
///
/// For the zero `z*` of a map `g` in a box around `z̃` and any matrix `R`, `z* − z̃ = −Rg(z̃) + (I − R∇g(ξ))(z* − z̃)`.
/// With `q = ‖I − R∇g(box)‖∞ < 1` and `‖Rg(z̃)‖∞ + qr < r` the box of radius `r` has one zero and no other (Krawczyk),
/// and it is within `‖Rg(z̃)‖∞/(1 − q)` of `z̃`. All of this is computed with bounds of every rounding; the inverse `R` may be
/// anything.
///
/// - For one example with one learning rate `g = ∇(αE)`, the energy of T2 over activities. Its zero is a stationary point of `P_α`, and
///   a strict minimum if the energy's Hessian is positive definite there.
/// - For mini-batches, a learning rate for each layer, and held weights `g` is the implicit equation with the error signals
///   `−∂ℓ/∂Hₙ` as unknowns, which needs no inverse of a Gram matrix: rates may depend on each other, and the mini-batch be larger than a
///   layer is wide. A minimum is proved by the second derivatives of `P_α`, reduced to the same order.
///
/// Units that sit on their kinks are held there: both are smooth on that face as long as no other unit reaches its kink. The point
/// is stationary if at every held unit `P_α` rises to both sides, which is proved by the signs of both one-sided derivatives
/// at `z*`; with positive curvature on the face it is then a strict minimum.
///
/// `z̃` is what the update leads to, moved by at most two Newton steps: any point may be in the middle of a proof.
/// How far the update itself is from the exact one is ``distance``.
public struct ActivityEnclosure: Sendable {
    /// The error of every activity of the exact update is proved to be at most this, over all layers, units and examples.
    public let radius: Double
    /// No other stationary point on the face is as near as this to `z̃`: for one example by its activities, else by its
    /// signals, each layer's relative to a power of two near its largest.
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
    /// One inverse and a few products of the order `B·Σdₙ`, and as many again for each further box. Two cores take 0.1 s for an
    /// order of 500 and about a minute for 3,000.
    ///
    /// - Parameter update: `Δ`, of the shapes of the problem's weights.
    /// - Parameter problem: the case.
    /// - Parameter newtonSteps: how many steps of Newton's method may first move the middle of the box.
    /// - Throws: `NotEnclosed`, which is no statement about the update.
    public init(
        around update: Parameters<Double>, for problem: ProximalProblem, newtonSteps: Int = 2
    ) throws(NotEnclosed) {
        try self.init(around: update, for: problem, newtonSteps: newtonSteps, unknowns: .activitiesOfOneExample)
    }

    /// What the box is of.
    enum Unknowns {
        /// Activities where there is one example and one learning rate, and its energy can be differentiated; else signals.
        case activitiesOfOneExample
        /// The error signals: often a shorter distance where `α` times the squared inputs is large.
        case signals
    }

    init(
        around update: Parameters<Double>, for problem: ProximalProblem, newtonSteps: Int = 2, unknowns: Unknowns
    ) throws(NotEnclosed) {
        let order = problem.batch.size * problem.network.architecture.activityCount
        guard order <= Self.orderLimit else { throw .size(order) }
        let pass = CertifyingPass(problem, update, weights: WrittenWeights(problem, update).layers)
        guard pass.isFinite else { throw .singular }
        var face = HeldFace(problem, pass.activities)
        var failure: NotEnclosed?
        for _ in 0...Self.furtherUnitLimit {
            do throws(NotEnclosed) {
                self = try Self(pass, problem, update, face, newtonSteps: newtonSteps, unknowns)
                return
            } catch {
                // A unit that no box keeps off its kink may be on it.
                failure = failure ?? error
                guard case .nearKink(let layer, let unit, let example) = error else { break }
                face.hold(layer: layer, unit: unit, example: example)
            }
        }
        throw failure ?? .singular
    }

    /// How many units are held that the update's own activities leave beside their kinks.
    private static let furtherUnitLimit = 16

    private init(
        _ pass: CertifyingPass, _ problem: ProximalProblem, _ update: Parameters<Double>, _ face: HeldFace, newtonSteps: Int,
        _ unknowns: Unknowns
    ) throws(NotEnclosed) {
        let hasEnergy = unknowns == .activitiesOfOneExample && problem.batch.size == 1 && problem.rates.isUniform
            && !problem.network.architecture.biases.indices.contains(where: problem.held.holdsWeights)
        if hasEnergy, let input = EnergyEnclosure.InputLayer(problem) {
            do throws(NotEnclosed) {
                self = try Self(over: input, problem, update, pass, face, newtonSteps: newtonSteps)
                return
            } catch {
                switch error {
                case .singular, .contraction: break  // The equation itself may still be proved.
                default: throw error
                }
            }
        }
        self = try Self(bySignalsOf: pass, problem, update, face, newtonSteps: newtonSteps)
    }

    /// For one example: `E` is smooth wherever the rates of a layer are not all zero.
    private init(
        over input: EnergyEnclosure.InputLayer, _ problem: ProximalProblem, _ update: Parameters<Double>,
        _ pass: CertifyingPass, _ face: HeldFace, newtonSteps: Int
    ) throws(NotEnclosed) {
        let start = face.point(pass.activities)
        let scale = start.reduce(0) { max($0, abs($1)) }
        let search = BoxSearch(problem: problem, input: input, face: face, start: start, newtonSteps: newtonSteps)
        let proof = try search.proof(firstBox: max(0x1p-36 * scale, .leastNormalMagnitude), boxes: Self.boxLimit)

        radius = proof.radius
        (uniquenessRadius, contraction, heldUnits) = (proof.box, proof.contraction, face.held.count)
        activities = face.box(proof.point, proof.radius)
        guard let point = EnergyEnclosure(problem, input, at: activities) else { throw .singular }
        try Self.checkKinks(problem, face, own: point.responses, above: point.feedback)
        isProvedMinimum = proof.hessian.isProvedPositiveDefinite
        (self.update, objective, loss) = (point.update, point.objective, point.loss)
        distance = Self.distance(from: update, to: self.update)
    }

    /// For every other problem: the implicit equation itself, with the error signals as unknowns.
    private init(
        bySignalsOf pass: CertifyingPass, _ problem: ProximalProblem, _ update: Parameters<Double>,
        _ face: HeldFace, newtonSteps: Int
    ) throws(NotEnclosed) {
        let search = SignalSearch(
            problem, face, start: pass.errors.map { -1 * $0.center }, newtonSteps: newtonSteps)
        let proof = try search.proof(firstBox: 0x1p-36, boxes: Self.boxLimit)
        let point = proof.signals
        try Self.checkKinks(problem, face, own: point.signals, above: point.feedback)
        (uniquenessRadius, contraction, heldUnits) = (proof.box, proof.contraction, face.held.count)
        activities = point.activities.indices.map {
            $0 + 1 < point.activities.count ? face.clearingHeld(point.activities[$0], layer: $0 + 1) : point.activities[$0]
        }
        radius = activities.reduce(0) { max($0, $1.radius.maximumMagnitude) }
        isProvedMinimum = point.curvature?.isProvedPositiveDefinite ?? false
        (self.update, objective, loss) = (point.update, point.objective, point.loss)
        distance = Self.distance(from: update, to: self.update)
    }

    private static func distance(from update: Parameters<Double>, to exact: [BallMatrix]) -> Interval {
        Interval.norm(of: zip(update.layers, exact).map { BallMatrix(exactly: $0) - $1 }) / Interval.norm(of: exact)
    }

    /// Proves that `P_α` rises to both sides of every held unit: `Gⱼ − rCⱼ > 0` to the right, `Gⱼ − lCⱼ < 0` to the left, with
    /// `G` what the layer's own errors ask for and `C` what the layer above sends back.
    private static func checkKinks(
        _ problem: ProximalProblem, _ face: HeldFace, own: [BallMatrix], above: [BallMatrix]
    ) throws(NotEnclosed) {
        for coordinate in face.held {
            let (layer, unit, example) = face.place(coordinate)
            guard let kink = problem.network.architecture.activation(ofLayer: layer).kink else { continue }
            let (own, above) = (own[layer - 1][unit, example], above[layer - 1][unit, example])
            guard (own - kink.rightSlope * above).lower > 0, (own - kink.leftSlope * above).upper < 0
            else { throw .undecidedKink(layer: layer, unit: unit, example: example) }
        }
    }
}
