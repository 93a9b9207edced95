import LearningRules
import LinearAlgebra
import Testing

@Suite("An inference step around packed weights")
struct PackedLayerTests {
    /// Flat and small ones are kept transposed; the large ones have several blocks of columns, the last one partial.
    static let shapes = [(1, 1), (1, 5), (5, 1), (10, 256), (17, 33), (256, 61), (300, 203), (64, 4)]

    /// A small deterministic source of numbers in [−1, 1).
    private struct Numbers {
        var state: UInt64
        mutating func next() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 33) * 0x1p-30 - 1
        }
        mutating func matrix<S: BLASScalar>(_ rows: Int, _ columns: Int, as _: S.Type) -> Matrix<S> {
            Matrix(rows: rows, columns: columns) { _, _ in S(next()) }
        }
    }

    /// The step and plain loops, with the change `a ← max(0, slope · feedback)`; compared are the products with the
    /// slopes and the predictions, which must be no numbers at the same places.
    private func check<S: BLASScalar>(
        _: S.Type, _ shape: (rows: Int, columns: Int), hasBias: Bool = true,
        spoil: (inout Matrix<S>, inout Matrix<S>) -> Void = { _, _ in }
    ) {
        let (rows, columns) = shape
        var numbers = Numbers(state: UInt64(rows + 1024 * columns))
        var weights = numbers.matrix(rows, columns + 1, as: S.self)
        var errors = numbers.matrix(rows, 1, as: S.self)
        // A third of the slopes is zero.
        let slopes = (0..<columns).map { S($0 % 3) }
        spoil(&weights, &errors)
        var packed = PackedLayer<S>(rows: rows, columns: columns, hasBias: hasBias)
        packed.assign(weights)
        var feedback = Matrix<S>(rows: columns, columns: 1, repeating: .nan)
        var rates = feedback
        var prediction = Matrix<S>(rows: rows, columns: 1, repeating: .nan)
        var slopedFeedback = [S](repeating: .nan, count: columns)
        var changed: [Int] = []
        for _ in 0..<2 {
            changed = []
            packed.step(
                errors: errors, slopes: slopes, feedback: &feedback, rates: &rates, prediction: &prediction
            ) { units, f, a in
                for j in units {
                    slopedFeedback[j] = slopes[j] * f[j]
                    a[j] = slopedFeedback[j] <= 0 ? 0 : slopedFeedback[j]
                    changed.append(j)
                }
            }
        }
        #expect(changed == Array(0..<columns))
        func agree(_ found: S, _ expected: S, _ size: S) -> Bool {
            expected.isFinite
                ? (found - expected).magnitude <= S(8 * (rows + columns)) * S.ulpOfOne * (1 + size)
                : found == expected || found.isNaN == expected.isNaN
        }
        var expectedRates = [S](repeating: 0, count: columns)
        for j in 0..<columns {
            let dot = (0..<rows).reduce(S(0)) { $0 + weights[$1, j] * errors[$1, 0] }
            let expected = slopes[j] * dot
            #expect(agree(slopedFeedback[j], expected, 0), "\(shape) unit \(j)")
            expectedRates[j] = expected <= 0 ? 0 : expected
        }
        for i in 0..<rows {
            let start = hasBias ? weights[i, columns] : 0
            let expected = (0..<columns).reduce(start) { $0 + weights[i, $1] * expectedRates[$1] }
            let size = expectedRates.reduce(0) { $0 + $1.magnitude }
            #expect(agree(prediction[i, 0], expected, size), "\(shape) row \(i)")
        }
    }

    @Test("against plain loops", arguments: shapes)
    func plainLoops(shape: (Int, Int)) {
        check(Double.self, shape)
        check(Float.self, shape)
        check(Float.self, shape, hasBias: false)
    }

    @Test("no number stays none, also in units whose slope is zero", arguments: shapes)
    func notFinite(shape: (Int, Int)) {
        for bad in [Float.nan, .infinity] {
            check(Float.self, shape) { weights, _ in weights[0, 0] = bad }
            check(Float.self, shape) { _, errors in errors[0, 0] = bad }
        }
        // Finite numbers whose products are not.
        check(Float.self, shape) { weights, errors in
            weights[0, 0] = 1e30
            errors[0, 0] = 1e30
        }
    }
}
