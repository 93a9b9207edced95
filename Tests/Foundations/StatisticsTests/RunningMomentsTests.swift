import Statistics
import Testing

@Suite struct RunningMomentsTests {
    @Test func `moments that one can do by hand`() {
        var moments = RunningMoments()
        #expect(moments.variance == 0)
        moments.record(3)
        #expect(moments.mean == 3 && moments.variance == 0)
        for value in [1.0, 2, 4, 5] { moments.record(value) }
        #expect(moments.count == 5 && moments.mean == 3 && moments.variance == 2.5)
    }

    @Test func `a large mean does not cancel the variance`() {
        var moments = RunningMoments()
        // The sum of squares, 4e24, has a rounding unit of 5e8.
        for value in [4.0, 7, 13, 16] { moments.record(1e12 + value) }
        #expect(moments.variance == 30)
    }

    @Test func `laid down and taken up, the bits are the same`() {
        var whole = RunningMoments()
        var part = RunningMoments()
        for value in [0.1, 0.7, -0.3, 1e9] {
            whole.record(value)
            part = RunningMoments(
                count: part.count, mean: part.mean, squaredDeviations: part.squaredDeviations)
            part.record(value)
        }
        #expect(part == whole)
    }
}
