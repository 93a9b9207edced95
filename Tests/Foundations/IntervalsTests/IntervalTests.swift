import Intervals
import Testing

@Suite struct IntervalTests {
    @Test func `sums and products with zero are exact`() {
        #expect(Interval(1) - Interval(1) == .zero)
        #expect(Interval(0) * Interval(lower: -3, upper: 5) == .zero)
        #expect(Interval(0) / Interval(7) == .zero)
    }

    @Test func `what has no meaning is the whole line`() {
        #expect(Interval(.nan) == .whole)
        #expect(Interval(0) * .whole == .whole)
        #expect(Interval(1) / Interval(lower: -1, upper: 1) == .whole)
        #expect(Interval(.infinity) - Interval(.infinity) == .whole)
    }

    /// One tenth of anything is rounded; `3·(x/3)`, `(x + y) − y` and `√x²` must still contain `x`.
    @Test(arguments: [1.0, 0.1, -7.3e-9, 3.7e200, -2.1e-290])
    func `operations contain what they undo`(x: Double) {
        let point = Interval(x)
        #expect((Interval(3) * (point / Interval(3))).contains(x))
        #expect((point + Interval(0.7) - Interval(0.7)).contains(x))
        #expect((point * Interval(0.1)).lower < (point * Interval(0.1)).upper)
        #expect(abs(x) > 1e150 || abs(x) < 1e-150 || point.squared.squareRoot.contains(abs(x)))
    }

    @Test func `products take the extreme of all pairs of ends`() {
        let product = Interval(lower: -2, upper: 3) * Interval(lower: -5, upper: 7)
        #expect(product.contains(-15) && product.contains(21) && product.contains(-14))
        #expect(product.lower > -15.001 && product.upper < 21.001)
    }

    /// Every enclosure contains the value, and is no wider than rounding explains.
    @Test(arguments: FunctionReferences.rows)
    func `functions contain the reference`(row: FunctionReferences.Row) {
        let x = Interval(row.argument)
        let found: Interval =
            switch row.function {
            case "exponential": x.exponential
            case "exponentialMinusOne": x.exponentialMinusOne
            case "hyperbolicTangent": x.hyperbolicTangent
            case "logistic": x.logistic
            case "logisticSlope": x.logisticSlope
            case "softplus": x.softplus
            case "normalDensity": x.normalDensity
            default: x.normalDistribution
            }
        #expect(found.lower <= row.below && row.above <= found.upper)
        // Relative for all but the tail of Φ, where a difference of halves is taken.
        let isAbsolute = row.function == "normalDistribution" && row.argument > -9
        // The density squares its argument, whose rounding the exponential multiplies.
        let growth = row.function.hasPrefix("normal") ? 1 + row.argument * row.argument : 1
        let isCrude = row.function == "normalDistribution" && row.argument <= -9
        let size = isAbsolute ? 1 : max(abs(row.above), .leastNormalMagnitude)
        #expect(isCrude || found.upper - found.lower <= 64 * growth * Double.ulpOfOne * size)
    }

    /// Guards: a series whose terms, rounded outwards, never fall below the least number, and which so never ended.
    @Test(.timeLimit(.minutes(1)), arguments: [
        Double.leastNonzeroMagnitude, -Double.leastNonzeroMagnitude, Double.leastNormalMagnitude / 256,
    ])
    func `the normal distribution of a subnormal number`(x: Double) {
        let found = Interval(x).normalDistribution
        #expect(found.contains(0.5) && found.upper - found.lower < 1e-15)
    }

    @Test func `a wide argument gives the range of an increasing function`() {
        let wide = Interval(lower: -1, upper: 2)
        #expect(wide.logistic.contains(0.5) && wide.logistic.contains(0.3) && wide.logistic.contains(0.87))
        #expect(wide.logisticSlope.contains(0.25) && wide.logisticSlope.contains(0.106))
        #expect(Interval.whole.hyperbolicTangent.lower >= -1.001)
    }

    @Test(arguments: [(1.5, 2.5), (30.0, 31.0), (1e5, 100_001.0)])
    func `logarithms of large numbers`(x: Double, onePlus: Double) {
        // log(1 + x) is where e^y − 1 passes x.
        let value = Interval(x).logarithmOfOnePlus
        #expect(Interval(value.lower).exponential.lower <= onePlus)
        #expect(Interval(value.upper).exponential.upper >= onePlus)
        #expect(value.upper - value.lower < 1e-13)
    }
}
