/// How one case ended.
public enum CaseVerdict: Sendable {
    /// The margin is at most 1: the property holds.
    case held(margin: Double)
    /// The margin is above 1 or not a number: the property fails.
    case violated(margin: Double)
    /// The body threw an error other than ``Discard``: the property fails.
    case threw(type: String, message: String)
    /// The case cannot be used.
    case discarded(reason: String)

    init(margin: Double) {
        // Written so that NaN is a violation.
        self = margin <= 1 ? .held(margin: margin) : .violated(margin: margin)
    }

    /// Whether the case refutes the property.
    public var isFailure: Bool {
        switch self {
        case .violated, .threw: true
        case .held, .discarded: false
        }
    }

    /// The margin of a case whose body returned one.
    public var margin: Double? {
        switch self {
        case .held(let margin), .violated(let margin): margin
        case .threw, .discarded: nil
        }
    }

    /// Whether `other` is a failure of the same kind: a bound exceeded, a margin that is not a number, or an error
    /// of the same type.
    ///
    /// Shrinking stays within one kind, so that a violated bound does not shrink into the error that the body throws
    /// for some trivial case.
    package func isSameFailure(as other: CaseVerdict) -> Bool {
        switch (self, other) {
        case (.violated(let left), .violated(let right)): left.isNaN == right.isNaN
        case (.threw(let left, _), .threw(let right, _)): left == right
        default: false
        }
    }
}

extension CaseVerdict: Equatable {
    /// Unlike their margins, two verdicts are equal if both margins are NaN, so that reports can be compared.
    public static func == (left: CaseVerdict, right: CaseVerdict) -> Bool {
        switch (left, right) {
        case (.held(let a), .held(let b)): a == b
        case (.violated(let a), .violated(let b)): a == b || (a.isNaN && b.isNaN)
        case (.threw(let a, let b), .threw(let c, let d)): a == c && b == d
        case (.discarded(let a), .discarded(let b)): a == b
        default: false
        }
    }
}

extension CaseVerdict: CustomStringConvertible {
    public var description: String {
        switch self {
        case .held(let margin): "held with margin \(margin)"
        case .violated(let margin): "violated with margin \(margin)"
        case .threw(let type, let message): "threw \(type): \(message)"
        case .discarded(let reason): "discarded: \(reason)"
        }
    }
}
