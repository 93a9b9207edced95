internal import LearningRules
internal import LinearAlgebra
internal import Randomness
internal import Training

/// The least time that this machine needs for one training step, from the rates of BLAS that were
/// measured in the same run.
///
/// At mini-batch 1 a step waits for memory. Counted are the passes over weights: one over all of them
/// forwards, one over the hidden weights `W₁ … W_{N−1}` for backpropagation or two for each inference
/// step, and two over all for the update, which reads and writes them; six with Adam, whose means
/// are read and written too. At larger mini-batches the same products and the weight gradient count
/// `2B` operations a weight, and only Adam's six passes count as memory. Activations, losses, norms and
/// the reading of the mini-batch are not in it. For an exact update it is one factorization of the
/// activity energy's Hessian in double precision, of which every iteration needs one.
struct TrainingLimit {
    let widths: [Int]
    /// Bytes a second of a product with one column, from the address that BLAS reads fastest.
    let bandwidth: Double
    /// Operations a second of `sgemm` at mini-batch 64.
    let productRate: Double
    /// Operations a second of `dgemm`.
    let doubleProductRate: Double

    /// Measures the rates with 256×256 matrices.
    init(widths: [Int], repeats: Int) {
        Stopwatch.warmUp()
        self.widths = widths
        let order = 256
        var generator = RandomGenerator(seed: 1)
        let wide = Matrix<Double>(rows: order, columns: order) { _, _ in generator.nextNormal() }
        let plain = wide.converted(to: Float.self)
        var weights = AlignedMatrix<Float>(rows: order, columns: order)
        weights.assign(plain)
        let rates = plain.columns(0..<64)
        let vector = plain.columns(0..<1)
        var (product, image, square) = (rates, vector, wide)
        let size = Double(order * order)
        bandwidth = size * Double(MemoryLayout<Float>.stride) * 100
            / Stopwatch.median(repeats: repeats) {
                for _ in 0..<100 { image.assignProduct(weights, vector) }
            }
        productRate = 2 * size * 64 * 10
            / Stopwatch.median(repeats: repeats) {
                for _ in 0..<10 { product.assignProduct(weights, rates) }
            }
        doubleProductRate = 2 * size * Double(order)
            / Stopwatch.median(repeats: repeats) { square.assignProduct(wide, wide) }
    }

    /// Seconds, or nothing where no single product bounds the time: exact updates of larger
    /// mini-batches iterate without a matrix.
    func seconds(_ rule: TrainingRule, batchSize: Int) -> Double? {
        let all = zip(widths, widths.dropFirst()).reduce(0.0) { $0 + Double(($1.0 + 1) * $1.1) }
        let hidden = zip(widths, widths.dropFirst()).dropFirst()
            .reduce(0.0) { $0 + Double($1.0 * $1.1) }
        guard let local = rule.entry.rule(optimizer: rule.optimizer) as? any LocalLearningRule else {
            guard batchSize == 1 else { return nil }
            return BlockTridiagonalCholesky.operations(orders: Array(widths.dropFirst()))
                / doubleProductRate
        }
        let backward = Double(local.hiddenProducts) * hidden
        let bytes = Double(MemoryLayout<Float>.stride)
        let adamPasses = rule.usesAdam ? 6 * bytes * all / bandwidth : 0
        if batchSize == 1 {
            let update = rule.usesAdam ? adamPasses : 2 * bytes * all / bandwidth
            return bytes * (all + backward) / bandwidth + update
        }
        return 2 * Double(batchSize) * (2 * all + backward) / productRate + adamPasses
    }
}
