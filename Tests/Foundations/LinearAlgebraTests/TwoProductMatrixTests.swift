import LinearAlgebra
import Testing

@Suite("Both products of a matrix, column by column")
struct TwoProductMatrixTests {
    static let shapes = [(1, 1), (3, 2), (16, 4), (17, 5), (40, 33), (256, 61), (0, 3), (3, 0)]

    private func check<S: BLASScalar>(_: S.Type, _ shape: (rows: Int, columns: Int)) {
        var numbers = Numbers(UInt64(shape.rows + 1024 * shape.columns))
        let (rows, columns) = shape
        let plain = numbers.matrix(rows, columns + 1, as: S.self)
        var tall = Matrix<S>(rows: columns, columns: rows + 1, repeating: .nan)
        for i in 0..<rows {
            for j in 0..<columns { tall[j, i] = plain[i, j] }
        }
        let left = numbers.matrix(rows, 1, as: S.self)
        let factors = numbers.matrix(columns, 1, as: S.self)
        let tolerance = S((rows + columns + 2) * 4) * S.ulpOfOne
        var packed = TwoProductMatrix<S>(rows: rows, columns: columns)
        // What is assigned first must leave nothing behind, not even where columns are filled up.
        packed.assign(Matrix(rows: rows, columns: columns, repeating: .nan))
        packed.setLeft(Matrix(rows: rows, columns: 1, repeating: .nan))
        for isTransposed in [false, true] {
            if isTransposed { packed.assignTranspose(of: tall) } else { packed.assign(plain) }
            var square: S = 0
            for j in 0..<columns {
                for i in 0..<rows { square += plain[i, j] * plain[i, j] }
            }
            #expect((packed.squaredNorm - square).magnitude <= tolerance * (1 + square))
            // Every number of listed columns, and more than one group of four.
            for step in [1, 2, 3, 7] {
                let listed = stride(from: 0, to: columns, by: step).map(Int32.init)
                var dots = Array(repeating: S(9), count: columns)
                packed.setLeft(left)
                packed.dot(listed, count: listed.count, into: &dots)
                for j in 0..<columns {
                    let expected = (0..<rows).reduce(S(0)) { $0 + plain[$1, j] * left[$1, 0] }
                    #expect(j % step == 0 ? (dots[j] - expected).magnitude <= tolerance : dots[j] == 9)
                }
                packed.clearSum()
                packed.add(listed, count: listed.count, times: factors.elements)
                packed.add(listed, count: min(1, listed.count), times: factors.elements)
                var sum = Matrix<S>(rows: rows, columns: 1, repeating: .nan)
                packed.takeSum(into: &sum)
                for i in 0..<rows {
                    var expected = listed.isEmpty ? 0 : plain[i, 0] * factors[0, 0]
                    for j in listed { expected += plain[i, Int(j)] * factors[Int(j), 0] }
                    #expect((sum[i, 0] - expected).magnitude <= tolerance)
                }
            }
        }
    }

    @Test("against plain loops, as assigned and as transposed, in all and in some columns", arguments: shapes)
    func products(shape: (Int, Int)) {
        check(Double.self, shape)
        check(Float.self, shape)
    }

    @Test("a copy has its own numbers")
    func copies() {
        var first = TwoProductMatrix<Float>(rows: 3, columns: 1)
        first.assign(Matrix(rows: 3, columns: 1, repeating: 2))
        var second = first
        second.assign(Matrix(rows: 3, columns: 1, repeating: 5))
        for (matrix, expected) in [(first, Float(6)), (second, 15)] {
            var matrix = matrix
            var dot: [Float] = [0]
            matrix.setLeft(Matrix(rows: 3, columns: 1, repeating: 1))
            matrix.dot([0], count: 1, into: &dot)
            #expect(dot == [expected])
        }
    }

    @Test("bounded means that every product with a column is a finite number")
    func bounds() {
        func isBounded(_ entry: Float, _ vector: Float) -> Bool {
            var matrix = TwoProductMatrix<Float>(rows: 2, columns: 2)
            matrix.assign(Matrix(rows: 2, columns: 2, repeating: entry))
            return matrix.isBounded(with: Matrix(rows: 2, columns: 1, repeating: vector))
        }
        #expect(isBounded(1, 1))
        #expect(isBounded(0, 1e15))
        for bad in [Float.nan, .infinity, 1e30] {
            #expect(!isBounded(bad, 1))
            #expect(!isBounded(1, bad))
        }
        #expect(!isBounded(1e15, 1e15))
    }
}
