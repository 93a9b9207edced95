internal import Randomness

/// The order in which a run sees the training examples: every epoch a new permutation, cut into
/// mini-batches; the examples that do not fill a mini-batch wait for another epoch, or are a smaller one.
///
/// Epoch `k` is shuffled by stream `k + 1` of the seed (stream 0 draws the initial weights), so the
/// position follows from the iteration alone.
package struct ExampleOrder: Sendable {
    private let seed: UInt64
    private let examples: Int
    private let batchSize: Int
    private let keepsPartial: Bool
    private var epoch = -1
    private var permutation: [Int] = []

    /// - Parameter keepsPartial: whether the examples left over at the end of an epoch are a mini-batch.
    package init(seed: UInt64, examples: Int, batchSize: Int, keepsPartial: Bool = false) {
        self.keepsPartial = keepsPartial
        self.seed = seed
        self.examples = examples
        self.batchSize = batchSize
    }

    /// The examples of the mini-batch of an iteration, counted from 0.
    package mutating func batch(ofIteration iteration: Int) -> ArraySlice<Int> {
        let batches = (examples + (keepsPartial ? batchSize - 1 : 0)) / batchSize
        let wanted = iteration / batches
        if wanted != epoch {
            var generator = RandomGenerator(seed: seed, stream: UInt64(wanted) + 1)
            permutation = generator.permutation(of: examples)
            epoch = wanted
        }
        let start = (iteration % batches) * batchSize
        return permutation[start..<min(examples, start + batchSize)]
    }
}
