public import LinearAlgebra
internal import RealModule

/// φ, φ′, φ″ and differences of φ on whole matrices, in place. One dispatch for a matrix, none for
/// an element.
extension Activation {
    /// `rates ← φ(activities)`. NaN stays NaN, so that an overflow upstream is not hidden.
    @specialized(where S == Double)
    @specialized(where S == Float)
    public func evaluate<S: BLASScalar>(_ activities: Matrix<S>, into rates: inout Matrix<S>) {
        precondition(activities.rows == rates.rows && activities.columns == rates.columns)
        rates.withMutablePointer { a in
            activities.withPointer { h in evaluate(h, count: activities.count, into: a) }
        }
    }

    /// `rates ← φ(activities)` for `count` numbers, such as some columns of a matrix.
    @specialized(where S == Double)
    @specialized(where S == Float)
    package func evaluate<S: BLASScalar>(
        _ activities: UnsafePointer<S>, count: Int, into rates: UnsafeMutablePointer<S>
    ) {
        switch self {
        case .identity: rates.update(from: activities, count: count)
        case .relu: Self.map(activities, count, into: rates) { $0 <= 0 ? 0 : $0 }
        case .leakyReLU:
            let leak = S(Self.leak)
            Self.map(activities, count, into: rates) { $0 > 0 ? $0 : leak * $0 }
        case .tanh: Self.map(activities, count, into: rates) { S.tanh($0) }
        case .sigmoid: Self.map(activities, count, into: rates) { Self.logistic($0) }
        case .softplus: Self.map(activities, count, into: rates) { Self.softplusValue($0) }
        case .gelu: Self.map(activities, count, into: rates) { $0 * Self.normalDistribution($0) }
        }
    }

    /// `slopes ← φ′(activities)`. At a kink the left derivative, as PyTorch and JAX do for ReLU.
    @specialized(where S == Double)
    @specialized(where S == Float)
    public func slope<S: BLASScalar>(_ activities: Matrix<S>, into slopes: inout Matrix<S>) {
        precondition(activities.rows == slopes.rows && activities.columns == slopes.columns)
        slopes.withMutablePointer { slope in
            activities.withPointer { h in self.slope(h, count: activities.count, into: slope) }
        }
    }

    /// `slopes ← φ′(activities)` for `count` numbers.
    @specialized(where S == Double)
    @specialized(where S == Float)
    package func slope<S: BLASScalar>(
        _ activities: UnsafePointer<S>, count: Int, into slopes: UnsafeMutablePointer<S>
    ) {
        switch self {
        case .identity: slopes.update(repeating: 1, count: count)
        case .relu: Self.map(activities, count, into: slopes) { $0 > 0 ? 1 : 0 }
        case .leakyReLU:
            let leak = S(Self.leak)
            Self.map(activities, count, into: slopes) { $0 > 0 ? 1 : leak }
        case .tanh: Self.map(activities, count, into: slopes) { 4 * Self.logisticSlope(2 * $0) }
        case .sigmoid: Self.map(activities, count, into: slopes) { Self.logisticSlope($0) }
        case .softplus: Self.map(activities, count, into: slopes) { Self.logistic($0) }
        case .gelu: Self.map(activities, count, into: slopes) { Self.geluSlope($0) }
        }
    }

    /// `curvatures ← φ″(activities)`, 0 at kinks.
    @specialized(where S == Double)
    @specialized(where S == Float)
    public func curvature<S: BLASScalar>(
        _ activities: Matrix<S>, into curvatures: inout Matrix<S>
    ) {
        switch self {
        case .identity, .relu, .leakyReLU: Self.map(activities, into: &curvatures) { _ in 0 }
        case .tanh:
            Self.map(activities, into: &curvatures) {
                -8 * S.tanh($0) * Self.logisticSlope(2 * $0)
            }
        case .sigmoid:
            Self.map(activities, into: &curvatures) {
                -Self.logisticSlope($0) * S.tanh($0 / 2)
            }
        case .softplus: Self.map(activities, into: &curvatures) { Self.logisticSlope($0) }
        case .gelu:
            Self.map(activities, into: &curvatures) { Self.geluCurvature($0) }
        }
    }

    /// `differences ← φ(base + displacement) − φ(base)`, accurate relative to the difference itself.
    ///
    /// A small update moves activities by much less than their own rounding; subtracting two rates
    /// would lose it.
    @specialized(where S == Double)
    @specialized(where S == Float)
    public func difference<S: BLASScalar>(
        base: Matrix<S>, displacement: Matrix<S>, into differences: inout Matrix<S>
    ) {
        switch self {
        case .identity: differences = displacement
        case .relu:
            Self.map(base, displacement, into: &differences) {
                Self.piecewiseLinearDifference($0, $1, left: 0)
            }
        case .leakyReLU:
            let leak = S(Self.leak)
            Self.map(base, displacement, into: &differences) {
                Self.piecewiseLinearDifference($0, $1, left: leak)
            }
        case .tanh:
            Self.map(base, displacement, into: &differences) {
                2 * Self.logisticDifference(2 * $0, 2 * $1)
            }
        case .sigmoid:
            Self.map(base, displacement, into: &differences) { Self.logisticDifference($0, $1) }
        case .softplus:
            Self.map(base, displacement, into: &differences) { Self.softplusDifference($0, $1) }
        case .gelu:
            Self.map(base, displacement, into: &differences) { Self.geluDifference($0, $1) }
        }
    }

    @inline(__always)
    private static func map<S: BLASScalar>(
        _ source: Matrix<S>, into target: inout Matrix<S>, _ function: (S) -> S
    ) {
        precondition(source.rows == target.rows && source.columns == target.columns)
        target.withMutablePointer { output in
            source.withPointer { map($0, source.count, into: output, function) }
        }
    }

    @inline(__always)
    private static func map<S: BLASScalar>(
        _ source: UnsafePointer<S>, _ count: Int, into target: UnsafeMutablePointer<S>,
        _ function: (S) -> S
    ) {
        for i in 0..<count { target[i] = function(source[i]) }
    }

    @inline(__always)
    private static func map<S: BLASScalar>(
        _ first: Matrix<S>, _ second: Matrix<S>, into target: inout Matrix<S>,
        _ function: (S, S) -> S
    ) {
        precondition(first.count == target.count && second.count == target.count)
        let count = first.count
        target.withMutablePointer { output in
            first.withPointer { a in
                second.withPointer { b in
                    for i in 0..<count { output[i] = function(a[i], b[i]) }
                }
            }
        }
    }
}
