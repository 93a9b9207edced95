import LinearAlgebra
import RealModule
import Testing

@Suite("Adam's step on neighbouring weights")
struct AdamKernelTests {
    /// Numbers of rows on both sides of whole vectors.
    static let shapes = [(1, 1), (7, 2), (16, 3), (31, 2), (64, 1), (257, 3), (0, 2), (5, 0)]

    private func check<S: BLASScalar>(_: S.Type, _ shape: (rows: Int, columns: Int), epsilon: S) {
        var numbers = Numbers(UInt64(shape.rows + 512 * shape.columns))
        let (rows, columns) = shape
        var direction = numbers.matrix(rows, 1, as: S.self).elements
        let factors = numbers.matrix(columns, 1, as: S.self).elements
        var means = numbers.matrix(rows, columns, as: S.self).elements
        var squares = numbers.matrix(rows, columns, as: S.self).elements.map { $0 * $0 }
        var weights = numbers.matrix(rows, columns, as: S.self).elements
        // Where nothing was ever seen, and where there is hardly anything.
        if rows > 6, columns > 1 {
            (means[0], squares[0], direction[0]) = (0, 0, 0)
            (means[1], squares[1], direction[1]) = (S(1e-20), S(1e-36), S(1e-20))
        }
        let before = (means, squares, weights)
        let (size, keepMean, keepSquare) = (S(0.01), S(0.9), S(0.999))
        let found = S._adamStep(
            size, epsilon, keepMean, keepSquare, factors, direction, rows, columns, &means, &squares, &weights)
        var sum = 0.0
        for j in 0..<columns {
            for i in 0..<rows {
                let k = i + j * rows
                let d = Double(factors[j]) * Double(direction[i])
                let mean = Double(keepMean) * Double(before.0[k]) + (1 - Double(keepMean)) * d
                let square = Double(keepSquare) * Double(before.1[k]) + (1 - Double(keepSquare)) * d * d
                let change = Double(size) * mean / (square.squareRoot() + Double(epsilon))
                let rounding = 8 * Double(S.ulpOfOne)
                #expect((Double(means[k]) - mean).magnitude <= rounding * (mean.magnitude + d.magnitude) + 1e-37)
                #expect((Double(squares[k]) - square).magnitude <= 40 * rounding * square + 1e-37)
                let moved = Double(weights[k]) - Double(before.2[k])
                #expect((moved - change).magnitude <= rounding * (1 + 40 * change.magnitude))
                sum += change * change
            }
        }
        #expect((found - sum).magnitude <= 1e-4 * sum)
    }

    @Test("against plain loops in double precision", arguments: shapes)
    func plainLoops(shape: (Int, Int)) {
        for epsilon in [1e-8, 1e-30] {
            check(Double.self, shape, epsilon: epsilon)
            check(Float.self, shape, epsilon: Float(epsilon))
        }
    }

    @Test("quotients are those of the hardware, over many sizes of divisor")
    func quotients() {
        var numbers = Numbers(3)
        // One in a hundred million is one unit in the last place off; without the correction it is one in four.
        var unequal = 0
        for exponent in stride(from: -28, through: 36, by: 4) {
            let scale = Float.pow(10, Float(exponent) / 2)
            var means = numbers.matrix(4096, 1, as: Float.self).elements
            var squares = numbers.matrix(4096, 1, as: Float.self).elements.map { $0 * $0 * scale * scale }
            let epsilon: Float = 1e-8
            // Moments that stay as they are, so that the change is the quotient alone.
            let expected = zip(means, squares).map { $0 / ($1.squareRoot() + epsilon) }
            var weights = [Float](repeating: 0, count: 4096)
            let zeros = weights
            _ = Float._adamStep(1, epsilon, 1, 1, [1], zeros, 4096, 1, &means, &squares, &weights)
            for (found, quotient) in zip(weights, expected) {
                if found != quotient { unequal += 1 }
                if (found - quotient).magnitude > quotient.ulp { Issue.record("\(found) for \(quotient)") }
            }
        }
        #expect(unequal <= 4, "\(unequal) of 69,632 quotients")
    }

    @Test("what is no number stays none, and an infinite mean square stops its weight")
    func notFinite() {
        func change(_ mean: Float, _ square: Float, epsilon: Float = 1e-8) -> [Float] {
            var (means, squares) = ([Float](repeating: mean, count: 17), [Float](repeating: square, count: 17))
            var weights = [Float](repeating: 0, count: 17)
            let zeros = weights
            _ = Float._adamStep(1, epsilon, 1, 1, [1], zeros, 17, 1, &means, &squares, &weights)
            return weights
        }
        #expect(change(.nan, 1).allSatisfy { $0.isNaN })
        #expect(change(1, .nan).allSatisfy { $0.isNaN })
        #expect(change(.infinity, 1).allSatisfy { $0 == .infinity || $0.isNaN })
        #expect(change(1, .infinity).allSatisfy { $0 == 0 })
        #expect(change(0, 0, epsilon: 0).allSatisfy { $0.isNaN })
        #expect(change(1, 1e38).allSatisfy { ($0 * 1e19 - 1).magnitude < 1e-6 })
        // A mean square below the least normal number counts as zero.
        #expect(change(1e-20, .leastNormalMagnitude / 4, epsilon: 1).allSatisfy { $0 == 1e-20 })
    }
}
