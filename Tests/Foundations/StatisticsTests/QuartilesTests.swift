import Statistics
import Testing

/// Quartiles against their definition: linear interpolation between order statistics.
@Suite("Quartiles")
struct QuartilesTests {
    @Test("Known samples", arguments: [
        ([7], 7, 7, 7), ([1, 2], 1.25, 1.5, 1.75), ([3, 1, 2], 1.5, 2, 2.5),
        ([4, 1, 3, 2], 1.75, 2.5, 3.25), ([5, 4, 3, 2, 1], 2, 3, 4),
    ] as [([Double], Double, Double, Double)])
    func known(_ sample: [Double], lower: Double, median: Double, upper: Double) throws {
        let found = try #require(Quartiles(sample))
        #expect(found.lower == lower && found.median == median && found.upper == upper)
    }

    @Test func `an empty sample has none`() {
        #expect(Quartiles([]) == nil)
    }

    @Test func `infinities and what is not a number sort last, and whole numbers stay finite`() throws {
        let found = try #require(Quartiles([.nan, 1, .infinity, 2, 3]))
        #expect(found.lower == 2 && found.median == 3 && found.upper == .infinity)
        let most = try #require(Quartiles([1, 1, 1, .nan]))
        #expect(most.lower == 1 && most.median == 1)
    }
}
