public import LinearAlgebra
public import Networks

/// What a certifier says of an update: it holds, with how much of a proof, or why it does not.
///
/// Whatever the word, it was found from the problem and the update alone.
public enum Certificate: Sendable {
    /// The implicit residual, computed in double precision, is at most the tolerance, and at every kink `P_α` falls to
    /// neither side. Its proved bound includes all rounding; it is not above the square root of the tolerance.
    case residual(StationaryPoint)
    /// The proof that an exact update exists, how far the one in question is from it, and perhaps that it is a minimum. Beside it
    /// all of `residual`; or, where rounding hides the residual, a proved distance within the tolerance to a proved minimum.
    case enclosed(StationaryPoint, ActivityEnclosure)
    /// Every implicit update is zero to rounding, so that there is nothing more to certify; with what was found of
    /// the one in question, where anything was.
    case zero(ZeroUpdate, StationaryPoint?)
    /// The update is not called exact, and why; with what was found of it, where anything was.
    case refused(Refusal, StationaryPoint?)

    /// Whether the update may be called the exact implicit update, to the tolerance.
    public var isExact: Bool {
        switch self {
        case .residual, .enclosed: true
        case .zero, .refused: false
        }
    }

    /// The facts, unless arithmetic overflowed on the way to them.
    public var point: StationaryPoint? {
        switch self {
        case .residual(let point), .enclosed(let point, _): point
        case .zero(_, let point), .refused(_, let point): point
        }
    }

    /// Why the update is not called exact; `nil` if it is.
    public var refusal: Refusal? {
        switch self {
        case .residual, .enclosed, .zero: nil
        case .refused(let reason, _): reason
        }
    }

    /// The proof that every implicit update is zero to rounding, where that is the answer.
    public var zero: ZeroUpdate? {
        if case .zero(let zero, _) = self { zero } else { nil }
    }

    /// The proof that an exact update is near, where one was asked for and found.
    public var enclosure: ActivityEnclosure? {
        if case .enclosed(_, let enclosure) = self { enclosure } else { nil }
    }

    /// The stable key used in JSON.
    public var name: String {
        switch self {
        case .residual: "residual"
        case .enclosed: "enclosed"
        case .zero: "zero"
        case .refused: "refused"
        }
    }
}

/// What a certifier found of the point `θ_b + Δ`.
public struct StationaryPoint: Sendable {
    /// The bound on the implicit residual that was asked for.
    public let tolerance: Double
    /// `‖Δ + α∇L(θ_b + Δ)‖/‖Δ‖` as computed, 0 if both are zero.
    public let implicitResidual: Double
    /// A proved lower bound of it, and
    public let leastResidual: Double
    /// a proved upper bound, for the weights written as for the exact sum `θ_b + Δ`.
    public let residualBound: Double
    /// Whether the residual is met as ``Certificate/residual(_:)`` asks.
    public var isWithinTolerance: Bool {
        implicitResidual <= tolerance && residualBound <= tolerance.squareRoot()
    }
    /// The hidden units whose activity may be 0 at these weights, with the slope in `[φ′(0−), φ′(0+)]` for
    /// which the implicit equation holds best.
    public let kinkedUnits: [KinkedUnit]
    /// How far rounding took the written weights from `θ_b + Δ`, relative to `‖Δ‖`: 0 is not at all.
    public let lostPart: Double
    /// What is known of the minimum.
    public internal(set) var minimum: MinimumVerdict
    /// Why nothing is proved, where a proof was asked for and not found.
    public internal(set) var notEnclosed: NotEnclosed?
}

/// Whether a stationary point is a minimum of `P_α`.
public enum MinimumVerdict: Sendable {
    /// The curvature is positive in every direction in which `P_α` is stationary, on both sides of every
    /// unit whose kink decides nothing: a strict local minimum. Found by Cholesky factorizations in double precision
    /// with a margin for their rounding, so it is computed and not proved; or proved, where an enclosure says so.
    case strict
    /// `P_α` is lower at another point, reached along a direction of negative curvature.
    case saddle(LowerPoint)
    /// Neither was shown, and why.
    case notDecided(String)
    /// Nobody asked.
    case notExamined

    public var isStrict: Bool {
        if case .strict = self { true } else { false }
    }
}

/// A point at which `P_α` is lower, with the proof.
public struct LowerPoint: Sendable {
    /// `Δ` of that point.
    public let update: Parameters<Double>
    /// A proved lower bound of how much lower `P_α` is there.
    public let decrease: Double
    /// The kinked units with the slopes of the sides to which the way there leads.
    public internal(set) var sides: [KinkedUnit] = []
}

/// Why an update is not called exact.
public enum Refusal: Error, Sendable, CustomStringConvertible {
    /// A pass at the new weights overflows, so nothing can be said.
    case overflow
    /// The update is so small beside the weights that rounding takes more than half of it, this share: the new weights are
    /// not those of the update. As a number it has all that is asked of an exact update.
    case lostToRounding(Double)
    /// The implicit equation does not hold to the tolerance.
    case residual(Double, tolerance: Double)
    /// Double precision cannot tell whether the implicit equation holds: rounding alone can make the residual computed,
    /// or leaves less than half of the digits asked for. So it is where the targets are within rounding of the
    /// outputs, and where `α` times the curvature is so large that a weight's last digit moves the gradient by more.
    case hiddenByRounding(RoundingLimit)
    /// At its kink a unit can move to a side on which `P_α` falls.
    case fallsBesideKink(layer: Int, unit: Int, example: Int)
    /// A unit is on its kink in several examples that it can leave only together, to sides on which some lower `P_α` and
    /// some raise it: what they do together is not decided.
    case linkedKinks(layer: Int, unit: Int)
    /// A saddle point: `P_α` is lower nearby.
    case saddle(LowerPoint)

    /// The stable key used in JSON.
    public var name: String {
        switch self {
        case .overflow: "overflow"
        case .lostToRounding: "lost-to-rounding"
        case .residual: "residual"
        case .hiddenByRounding: "hidden-by-rounding"
        case .fallsBesideKink: "falls-beside-kink"
        case .linkedKinks: "linked-kinks"
        case .saddle: "saddle"
        }
    }

    public var description: String {
        switch self {
        case .overflow:
            "the passes at the new weights overflow: scale the inputs or the weights down"
        case .lostToRounding(let share):
            share < 1
                ? "the update is lost to rounding: the new weights miss \(share) of it"
                : "the update is lost to rounding: the new weights equal the old ones bit for bit"
        case .residual(let value, let tolerance):
            "the implicit equation does not hold: the residual is \(value), above \(tolerance)"
        case .hiddenByRounding(let limit): limit.description
        case .fallsBesideKink(let layer, let unit, let example):
            """
            unit \(unit) of layer \(layer) sits on its kink in example \(example), and the objective \
            falls beside it
            """
        case .linkedKinks(let layer, let unit):
            """
            unit \(unit) of layer \(layer) sits on its kink in several examples that it can leave only together, and \
            whether the objective falls then is not decided
            """
        case .saddle(let lower):
            "a saddle point: the objective is lower by at least \(lower.decrease) at another point"
        }
    }
}
