/// Why nothing was proved: of the update it says neither that it is exact nor that it is not.
public enum NotEnclosed: Error, Equatable, Sendable, CustomStringConvertible {
    /// More activities, `B·Σdₙ`, than are tried.
    case size(Int)
    /// The derivatives overflow or have no inverse in floating point.
    case singular
    /// The Newton step does not contract in any box that was tried.
    case contraction(Double)
    /// A unit is so near to its kink that no box keeps it on one side.
    case nearKink(layer: Int, unit: Int, example: Int)
    /// A unit is on its kink, and the signs of its one-sided derivatives are not proved.
    case undecidedKink(layer: Int, unit: Int, example: Int)

    /// The stable key used in JSON.
    public var name: String {
        switch self {
        case .size: "too-large"
        case .singular: "singular"
        case .contraction: "no-contraction"
        case .nearKink: "near-kink"
        case .undecidedKink: "undecided-kink"
        }
    }

    public var description: String {
        switch self {
        case .size(let order):
            """
            not decided, too large: \(order) activities over the mini-batch, and proofs are for at most \
            \(ActivityEnclosure.orderLimit)
            """
        case .singular: "not decided: the derivatives of the implicit equation are singular to working precision, or overflow"
        case .contraction(let bound):
            "not decided: the Newton step is not proved to contract, ‖I − RJ‖∞ is only known to be at most \(bound)"
        case .nearKink(let layer, let unit, let example):
            "not decided: unit \(unit) of layer \(layer) is too near to its kink in example \(example)"
        case .undecidedKink(let layer, let unit, let example):
            """
            not decided: unit \(unit) of layer \(layer) is on its kink in example \(example), and the objective is \
            not proved to rise to both sides
            """
        }
    }
}
