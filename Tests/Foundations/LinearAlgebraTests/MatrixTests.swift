import LinearAlgebra
import Testing

@Suite struct MatrixTests {
    @Test func `elements are in column-major order`() throws {
        let matrix = try Matrix<Double>(rows: 2, columns: 3, elements: [1, 2, 3, 4, 5, 6])
        #expect(matrix[0, 0] == 1 && matrix[1, 0] == 2 && matrix[0, 2] == 5 && matrix[1, 2] == 6)
        #expect(matrix.column(1) == [3, 4])
        #expect(matrix.columns(1..<3).elements == [3, 4, 5, 6])
        #expect(matrix.columns(1..<1).shape == "2×0")
        #expect(matrix.transposed.elements == [1, 3, 5, 2, 4, 6])
        #expect(matrix.asColumn.shape == "6×1" && matrix.asColumn.elements == matrix.elements)
        #expect(matrix.reshaped(rows: 3, columns: 2)[2, 0] == 3)
        #expect(matrix == Matrix(rows: 2, columns: 3) { i, j in Double(1 + i + 2 * j) })
    }

    @Test func `a copy is a value`() {
        let original = Matrix<Double>.identity(3)
        var copy = original
        copy[2, 0] = 7
        copy.withMutablePointer { $0[0] = 5 }
        #expect(original == .identity(3))
        #expect(copy[2, 0] == 7 && copy[0, 0] == 5)
    }

    @Test(
        "a wrong number of elements is an error",
        arguments: [(2, 3, 5), (0, 3, 1), (-1, -1, 1), (-1, 2, 0), (Int.max, 2, 4)])
    func wrongCount(rows: Int, columns: Int, count: Int) {
        #expect(throws: LinearAlgebraError.elementCount(rows: rows, columns: columns, found: count)) {
            try Matrix<Double>(
                rows: rows, columns: columns, elements: [Double](repeating: 0, count: count))
        }
    }

    @Test func `the message of an overflowing shape does not overflow itself`() {
        let error = LinearAlgebraError.elementCount(rows: .max, columns: 2, found: 4)
        #expect(error.description.contains("found 4"))
    }

    @Test func `negative dimensions count as zero`() {
        let matrix = Matrix<Float>(rows: -2, columns: 3, repeating: 1)
        #expect(matrix.rows == 0 && matrix.columns == 3 && matrix.count == 0)
        #expect(matrix.norm == 0 && matrix.maximumMagnitude == 0 && matrix.isFinite())
        #expect(matrix.transposed.shape == "3×0")
    }

    @Test(
        "non-finite entries are found wherever they are",
        arguments: [Double.infinity, -.infinity, .nan, .signalingNaN], [0, 1, 5, 8])
    func nonFinite(value: Double, position: Int) {
        var matrix = Matrix<Double>(rows: 3, columns: 3, repeating: .greatestFiniteMagnitude)
        #expect(matrix.isFinite())
        matrix[position % 3, position / 3] = value
        #expect(!matrix.isFinite())
        #expect(!matrix.converted(to: Float.self).isFinite())
    }

    @Test func `vector space operations`() throws {
        let a = try Matrix<Double>(rows: 2, columns: 2, elements: [1, -2, 3, 4])
        let b = try Matrix<Double>(rows: 2, columns: 2, elements: [5, 6, -7, 8])
        #expect((a + b).elements == [6, 4, -4, 12])
        #expect((a - b).elements == [-4, -8, 10, -4])
        #expect((2 * a).elements == [2, -4, 6, 8])
        #expect(a.dot(b) == 5 - 12 - 21 + 32)
        #expect(a.squaredNorm == 30 && abs(a.norm - 30.0.squareRoot()) <= 1e-15)
        #expect(b.maximumMagnitude == 8 && (-1 * b).maximumMagnitude == 8)
        var sum = a
        sum.add(b, scaledBy: -0.5)
        #expect(sum.elements == [-1.5, -5, 6.5, 0])
    }

    @Test func `the norm neither overflows nor underflows`() {
        let huge = Matrix<Double>(rows: 2, columns: 2, repeating: 1e300)
        #expect(abs(huge.norm / 2e300 - 1) < 1e-15)
        let tiny = Matrix<Double>(rows: 2, columns: 2, repeating: 1e-300)
        #expect(abs(tiny.norm / 2e-300 - 1) < 1e-15)
    }

    @Test func `scaling by zero clears even what is not a number`() {
        var matrix = Matrix<Double>(rows: 2, columns: 1, repeating: .nan)
        matrix.scale(by: 0)
        #expect(matrix.elements == [0, 0])
    }

    @Test func `conversion rounds to nearest`() throws {
        let matrix = try Matrix<Double>(rows: 1, columns: 3, elements: [0.1, 1 + 0x1p-30, 1e60])
        #expect(matrix.converted(to: Float.self).elements == [0.1 as Float, 1, .infinity])
        let narrow = try Matrix<Float>(rows: 1, columns: 1, elements: [0.1])
        #expect(narrow.converted(to: Double.self)[0, 0] == Double(0.1 as Float))
    }

    @Test func `the thread count can be set and is at least one`() {
        let before = BLASLibrary.threads
        defer { BLASLibrary.setThreads(before) }
        BLASLibrary.setThreads(-4)
        #expect(BLASLibrary.threads == 1)
        #expect(BLASLibrary.name.hasPrefix("OpenBLAS "))
    }
}
