public import Networks

/// What the certifier of graphs says of an update: it holds, or why it does not. Computed in double precision; unlike for
/// chains no bound of the residual is proved.
public enum GraphCertificate: Sendable {
    /// The implicit residual is at most the tolerance, and at every kink `P_α` falls to neither side.
    case residual(GraphPoint)
    /// The update is not called exact, and why; with what was found, where anything was.
    case refused(GraphRefusal, GraphPoint?)

    public var isExact: Bool {
        if case .residual = self { true } else { false }
    }

    public var point: GraphPoint? {
        switch self {
        case .residual(let point): point
        case .refused(_, let point): point
        }
    }

    public var refusal: GraphRefusal? {
        if case .refused(let reason, _) = self { reason } else { nil }
    }

    /// The stable key used in JSON.
    public var name: String { isExact ? "residual" : "refused" }
}

/// What was found of the point `w_b + Δ`.
public struct GraphPoint: Sendable {
    public let tolerance: Double
    /// `‖Δ + α∇L(w_b + Δ)‖/‖Δ‖`, 0 if both are zero.
    public let implicitResidual: Double
    /// The hidden units whose activity is 0 within its rounding, with the slope for which the equation holds best. `layer` is
    /// the number of the node.
    public let kinkedUnits: [KinkedUnit]
    /// What is known of the minimum.
    public internal(set) var minimum: GraphMinimum
}

/// Whether the point is a minimum of `P_α`.
public enum GraphMinimum: Sendable {
    /// Positive definite by a factorization in double precision, in every direction in which `P_α` is stationary, on
    /// both sides of units whose kink decides nothing: a strict local minimum, computed and not proved.
    case strict
    /// Neither was shown, and why. `curvature` is the smallest Ritz value of `∇²P_α` where Lanczos's method ran: a bound
    /// from above of the smallest eigenvalue.
    case notDecided(String, curvature: Double?)
    case notExamined

    public var isStrict: Bool {
        if case .strict = self { true } else { false }
    }

    /// The stable key used in JSON.
    public var name: String {
        switch self {
        case .strict: "strict"
        case .notDecided: "not-decided"
        case .notExamined: "not-examined"
        }
    }
}

/// Why an update of a graph is not called exact.
public enum GraphRefusal: Error, Sendable, CustomStringConvertible {
    /// A pass at the new parameters overflows.
    case overflow
    /// Rounding takes more than half of the update, this share: the new parameters are not those of the update.
    case lostToRounding(Double)
    /// The implicit equation does not hold to the tolerance.
    case residual(Double, tolerance: Double)
    /// Rounding of the parameters alone accounts for the residual.
    case hiddenByRounding(Double, floor: Double, tolerance: Double)
    /// So many units are on their kinks that their slopes are not solved for.
    case tooManyKinks(Int, limit: Int)
    /// At its kink a unit can move to a side on which `P_α` falls.
    case fallsBesideKink(node: String, unit: Int, example: Int)
    /// The same, but units on kinks can move only together, and what they do together is not decided.
    case linkedKinks(node: String, unit: Int)
    /// `P_α` is lower nearby, along a direction of negative curvature; by how much, as computed.
    case saddle(decrease: Double)

    /// The stable key used in JSON.
    public var name: String {
        switch self {
        case .overflow: "overflow"
        case .lostToRounding: "lost-to-rounding"
        case .residual: "residual"
        case .hiddenByRounding: "hidden-by-rounding"
        case .tooManyKinks: "too-many-kinks"
        case .fallsBesideKink: "falls-beside-kink"
        case .linkedKinks: "linked-kinks"
        case .saddle: "saddle"
        }
    }

    public var description: String {
        switch self {
        case .overflow: "the passes at the new parameters overflow: scale the inputs or the parameters down"
        case .lostToRounding(let share):
            share < 1
                ? "the update is lost to rounding: the new parameters miss \(share) of it"
                : "the update is lost to rounding: the new parameters equal the old ones bit for bit"
        case .residual(let value, let tolerance):
            "the implicit equation does not hold: the residual is \(value), above \(tolerance)"
        case .hiddenByRounding(let value, let floor, let tolerance):
            "at the rounding floor, about \(floor) here: the residual is \(value), above \(tolerance); try a larger tolerance or a smaller α"
        case .tooManyKinks(let count, let limit):
            "\(count) units sit on their kinks, and the certifier solves for the slopes of at most \(limit)"
        case .fallsBesideKink(let node, let unit, let example):
            "unit \(unit) of node \"\(node)\" sits on its kink in example \(example), and the objective falls beside it"
        case .linkedKinks(let node, let unit):
            "unit \(unit) of node \"\(node)\" sits on its kink with others that it can leave only together, and whether the objective falls then is not decided"
        case .saddle(let decrease): "a saddle point: the objective is lower by \(decrease) at another point"
        }
    }
}
