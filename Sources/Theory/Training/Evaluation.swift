internal import LinearAlgebra
internal import Networks

/// Mean loss and accuracy of a network, chain or graph, on the test examples, a few hundred at a time.
struct Evaluation: Sendable, Equatable {
    let loss: Double
    /// `nil` if the task has no classes.
    let accuracy: Double?

    private static let chunk = 256

    /// - Parameter logits: of every column of some inputs.
    init<Scalar: BLASScalar>(
        _ loss: Loss, on examples: ExamplePairs, task: TrainingData.Task,
        logits: (Matrix<Scalar>) -> Matrix<Scalar>
    ) {
        var sum = 0.0
        var correct = 0
        for start in stride(from: 0, to: examples.count, by: Self.chunk) {
            let range = start..<min(examples.count, start + Self.chunk)
            let targets = examples.targets.columns(range).converted(to: Scalar.self)
            let logits = logits(examples.inputs.columns(range).converted(to: Scalar.self))
            sum += Double(loss.total(logits, targets: targets))
            if task == .classification {
                for j in 0..<range.count
                where logits.indexOfLargest(inColumn: j) == targets.indexOfLargest(inColumn: j) {
                    correct += 1
                }
            }
        }
        self.loss = sum / Double(examples.count)
        accuracy = task == .classification ? Double(correct) / Double(examples.count) : nil
    }
}

extension Matrix {
    /// The row of the (first) largest entry of a column.
    func indexOfLargest(inColumn column: Int) -> Int {
        withPointer { x in
            let start = x + column * rows
            var best = 0
            for i in 0..<rows where start[i] > start[best] { best = i }
            return best
        }
    }
}
