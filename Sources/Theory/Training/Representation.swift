internal import LinearAlgebra
internal import Networks

/// What a network makes of the test examples before its output layer: whether the last hidden layer still tells them apart.
public struct Representation: Codable, Sendable, Hashable {
    /// The mean cosine between the last hidden rates of two different test examples: 1 if all are alike up to their length.
    /// Examples whose rates are all zero are left out; `nil` if fewer than two are left.
    public var cosine: Double?
    /// The share of hidden units that are not zero for every test example; 1 without hidden units.
    public var activeUnits: Double
    /// The share of test examples whose largest logit is at the class of the last example that was trained on.
    public var lastClassShare: Double

    private static let chunk = 256

    /// One pass over the test examples. With unit vectors `uᵢ` the mean cosine is `(‖Σuᵢ‖² − m)/(m(m − 1))`.
    init<Scalar: BLASScalar>(_ network: Network<Scalar>, on examples: ExamplePairs, lastTargets: Matrix<Scalar>) {
        let architecture = network.architecture
        let last = lastTargets.indexOfLargest(inColumn: lastTargets.columns - 1)
        var isActive = architecture.hiddenLayers.map { Array(repeating: false, count: architecture.widths[$0]) }
        var sum = Array(repeating: 0.0, count: architecture.widths[architecture.depth - 1])
        var (count, alike) = (0, 0)
        for start in stride(from: 0, to: examples.count, by: Self.chunk) {
            let range = start..<min(examples.count, start + Self.chunk)
            var pass = Pass(network, inputs: examples.inputs.columns(range).converted(to: Scalar.self))
            pass.runForward()
            for (place, n) in architecture.hiddenLayers.enumerated() {
                for unit in isActive[place].indices where !isActive[place][unit] {
                    isActive[place][unit] = (0..<range.count).contains { pass.rates[n][unit, $0] != 0 }
                }
            }
            let rates = pass.rates[architecture.depth - 1]
            for j in 0..<range.count {
                let norm = sum.indices.reduce(0) { $0 + Double(rates[$1, j]) * Double(rates[$1, j]) }.squareRoot()
                if norm > 0 {
                    count += 1
                    for i in sum.indices { sum[i] += Double(rates[i, j]) / norm }
                }
                if pass.logits.indexOfLargest(inColumn: j) == last { alike += 1 }
            }
        }
        let square = sum.reduce(0) { $0 + $1 * $1 }
        cosine = count > 1 ? (square - Double(count)) / (Double(count) * Double(count - 1)) : nil
        let units = isActive.joined()
        activeUnits = units.isEmpty ? 1 : Double(units.count(where: \.self)) / Double(units.count)
        lastClassShare = Double(alike) / Double(examples.count)
    }
}
