import LinearAlgebra
import Networks
import Testing

@Suite("Rank-one updates")
struct OuterProductTests {
    /// Rates of which so many are zero, that the columns are taken all at once or one by one.
    static let zeros = [0, 1, 6, 10, 11]

    private func update<S: BLASScalar>(_ errors: [S], zeros: Int) -> (found: Matrix<S>, expected: Matrix<S>) {
        let rates = (0..<11).map { $0 * 7 % 11 < zeros ? 0 : S($0 + 1) / 64 }
        let start = Matrix<S>(rows: errors.count, columns: 12) { i, j in S(i - 3 * j) / 8 }
        var found = start
        found.assignOuterProduct(Matrix(column: errors), Matrix(column: rates), scale: 3, keep: 1)
        let expected = Matrix<S>(rows: errors.count, columns: 12) { i, j in
            j < 11 ? start[i, j] + 3 * errors[i] * rates[j] : start[i, j]
        }
        return (found, expected)
    }

    @Test("are those of plain loops, whatever rates are zero", arguments: zeros)
    func plainLoops(zeros: Int) {
        for height in [0, 1, 9, 40] {
            let single = update((0..<height).map { Float($0 % 5) - 2 }, zeros: zeros)
            #expect((single.found - single.expected).maximumMagnitude < 1e-5)
            let double = update((0..<height).map { Double($0 % 5) - 2 }, zeros: zeros)
            #expect((double.found - double.expected).maximumMagnitude < 1e-14)
        }
    }

    @Test("an error that is no finite number spoils its row in every column", arguments: zeros)
    func notFinite(zeros: Int) {
        for bad in [Float.nan, .infinity] {
            let found = update([1, bad, 2], zeros: zeros).found
            for j in 0..<11 {
                #expect(found[0, j].isFinite && found[2, j].isFinite && !found[1, j].isFinite)
            }
        }
    }
}
