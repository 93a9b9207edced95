public import LinearAlgebra

/// A mini-batch: inputs `d₀ × B` and targets `d_N × B`, one example in each column, all finite.
public struct Batch<Scalar: BLASScalar>: Sendable, Equatable {
    public private(set) var inputs: Matrix<Scalar>
    public private(set) var targets: Matrix<Scalar>

    /// A batch of at least one example.
    ///
    /// - Throws: `emptyBatch`, `shapeMismatch` if the numbers of columns differ, `notFinite`.
    public init(inputs: Matrix<Scalar>, targets: Matrix<Scalar>) throws(NetworkError) {
        guard inputs.columns > 0 else { throw .emptyBatch }
        guard inputs.columns == targets.columns else {
            throw .shapeMismatch(
                what: "number of targets", expected: inputs.columns, found: targets.columns)
        }
        guard inputs.isFinite() else { throw .notFinite(tensor: "inputs") }
        guard targets.isFinite() else { throw .notFinite(tensor: "targets") }
        self.inputs = inputs
        self.targets = targets
    }

    /// `B`, the number of examples.
    public var size: Int { inputs.columns }

    /// Replaces the examples, in place, by the given columns of data known to be finite.
    ///
    /// - Precondition: as many indices as examples, all of them columns; the same widths.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func assign(
        examples: ArraySlice<Int>, inputs allInputs: Matrix<Float>, targets allTargets: Matrix<Float>
    ) {
        precondition(examples.count == size && allInputs.columns == allTargets.columns)
        inputs.assign(columns: examples, of: allInputs)
        targets.assign(columns: examples, of: allTargets)
    }

    /// The same batch in another precision.
    public func converted<Target: BLASScalar>(
        to type: Target.Type
    ) throws(NetworkError) -> Batch<Target> {
        try Batch<Target>(
            inputs: inputs.converted(to: type), targets: targets.converted(to: type))
    }
}

extension Loss {
    /// How far a probability vector's sum may be from 1: what rounding to `Float` leaves.
    private static let massTolerance = 1e-5

    /// Checks that every target is one that the loss is defined for.
    ///
    /// - Throws: `invalidTarget` naming the first example that is not.
    public func validate<S: BLASScalar>(targets: Matrix<S>) throws(NetworkError) {
        if self == .squaredError { return }
        for example in 0..<targets.columns {
            let target = targets.column(example)
            if let bad = target.first(where: { !($0 >= 0 && $0 <= 1) }) {
                throw .invalidTarget(
                    loss: self, example: example, reason: "\(bad) is not between 0 and 1")
            }
            if self == .softmaxCrossEntropy {
                let sum = target.reduce(0) { $0 + Double($1) }
                guard abs(sum - 1) <= Self.massTolerance else {
                    throw .invalidTarget(
                        loss: self, example: example,
                        reason: "the probabilities sum to \(sum), not to 1")
                }
            }
        }
    }
}

extension Matrix {
    /// Column `j` of `self` ← column `indices[j]` of `source`, in this precision.
    @inline(__always)
    fileprivate mutating func assign(columns indices: ArraySlice<Int>, of source: Matrix<Float>) {
        precondition(rows == source.rows, "columns of \(source.shape) into \(shape)")
        let height = rows
        withMutablePointer { target in
            source.withPointer { origin in
                var column = target
                for index in indices {
                    precondition(index >= 0 && index < source.columns)
                    let start = origin + index * height
                    for i in 0..<height { column[i] = Scalar(start[i]) }
                    column += height
                }
            }
        }
    }
}
