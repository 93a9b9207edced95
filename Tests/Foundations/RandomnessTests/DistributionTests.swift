import Randomness
import Testing

/// Statistical tests on fixed seeds: they are deterministic, and their thresholds are quantiles that
/// a correct generator exceeds with probability below 1e-4.
@Suite struct DistributionTests {
    /// The Pearson statistic of counts that should be equal.
    private func chiSquare(_ counts: [Int]) -> Double {
        let mean = Double(counts.reduce(0, +)) / Double(counts.count)
        return counts.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) / mean }
    }

    /// The mean of χ² with `f` degrees of freedom plus four standard deviations and a skewness
    /// allowance: above the 0.9999 quantile for every `f ≥ 1`.
    private func limit(freedom f: Int) -> Double { Double(f) + 4 * (2 * Double(f)).squareRoot() + 10 }

    @Test("bounded integers are uniform", arguments: [2, 3, 5, 6, 7, 10, 100, 257] as [UInt64])
    func boundedIntegers(bound: UInt64) {
        var generator = RandomGenerator(seed: 11, stream: bound)
        var counts = [Int](repeating: 0, count: Int(bound))
        for _ in 0..<(200 * Int(bound) + 20_000) { counts[Int(generator.next(below: bound))] += 1 }
        #expect(chiSquare(counts) < limit(freedom: counts.count - 1))
    }

    /// Taking bits modulo ¾·2⁶⁴ would hit the lowest third twice as often as the others, and the
    /// multiplication method without rejection every third value.
    @Test func `large bounds are not biased`() {
        let bound: UInt64 = 3 << 62
        var generator = RandomGenerator(seed: 12)
        var thirds = [0, 0, 0]
        var residues = [0, 0, 0]
        for _ in 0..<30_000 {
            let value = generator.next(below: bound)
            guard value < bound else {
                Issue.record("\(value) is not below \(bound)")
                return
            }
            thirds[Int(value / (1 << 62))] += 1
            residues[Int(value % 3)] += 1
        }
        #expect(chiSquare(thirds) < limit(freedom: 2))
        #expect(chiSquare(residues) < limit(freedom: 2))
    }

    @Test("trivial and extreme bounds", arguments: [0, 1, 2, .max, 1 << 63] as [UInt64])
    func trivialBounds(bound: UInt64) {
        var generator = RandomGenerator(seed: 13)
        for _ in 0..<100 { #expect(generator.next(below: bound) < max(1, bound)) }
    }

    @Test func `uniform doubles fill the unit interval on a grid of 2⁻⁵³`() {
        var generator = RandomGenerator(seed: 14)
        var bins = [Int](repeating: 0, count: 64)
        var (lowest, highest, odd) = (1.0, 0.0, 0)
        for _ in 0..<64_000 {
            let value = generator.nextUniform()
            guard value >= 0, value < 1 else {
                Issue.record("\(value) is outside of [0, 1)")
                return
            }
            #expect((value * 0x1p53).rounded() == value * 0x1p53)
            if UInt64(value * 0x1p53) % 2 == 1 { odd += 1 }
            bins[Int(value * 64)] += 1
            (lowest, highest) = (min(lowest, value), max(highest, value))
        }
        #expect(chiSquare(bins) < limit(freedom: 63))
        #expect(chiSquare([odd, 64_000 - odd]) < limit(freedom: 1), "the last bit is random")
        #expect(lowest < 1e-3 && highest > 0.999)
    }

    @Test func `successive uniforms are independent in pairs`() {
        var generator = RandomGenerator(seed: 15)
        var cells = [Int](repeating: 0, count: 256)
        for _ in 0..<50_000 {
            let (i, j) = (Int(generator.nextUniform() * 16), Int(generator.nextUniform() * 16))
            cells[16 * i + j] += 1
        }
        #expect(chiSquare(cells) < limit(freedom: 255))
    }

    @Test func `normal numbers have the moments and tails of a standard normal`() {
        var generator = RandomGenerator(seed: 16)
        let n = 100_000
        var moments = [0.0, 0, 0, 0]
        var beyond = [0, 0, 0]
        for _ in 0..<n {
            let value = generator.nextNormal()
            var power = 1.0
            for k in 0..<4 {
                power *= value
                moments[k] += power / Double(n)
            }
            for k in 0..<3 where abs(value) > Double(k + 1) { beyond[k] += 1 }
        }
        // Var(Xᵏ) is 1, 2, 15, 96 for k = 1…4; four standard errors each.
        for (k, (expected, variance)) in [(0.0, 1.0), (1, 2), (0, 15), (3, 96)].enumerated() {
            let error = 4 * (variance / Double(n)).squareRoot()
            #expect(abs(moments[k] - expected) < error, "moment \(k + 1)")
        }
        for (k, p) in [0.317310507862914, 0.0455002638963584, 0.00269979606326021].enumerated() {
            let error = 4 * (p * (1 - p) * Double(n)).squareRoot()
            #expect(abs(Double(beyond[k]) - p * Double(n)) < error, "beyond \(k + 1) deviations")
        }
    }

    @Test("a permutation contains every index once", arguments: [0, 1, 2, 3, 17, 1000])
    func permutation(count: Int) {
        var generator = RandomGenerator(seed: 17)
        for _ in 0..<5 {
            #expect(generator.permutation(of: count).sorted() == Array(0..<count))
        }
    }

    @Test func `a negative count gives the empty permutation`() {
        var generator = RandomGenerator(seed: 17)
        #expect(generator.permutation(of: -3).isEmpty)
    }

    @Test func `all permutations of four are equally frequent`() {
        var generator = RandomGenerator(seed: 18)
        var counts: [[Int]: Int] = [:]
        for _ in 0..<24_000 { counts[generator.permutation(of: 4), default: 0] += 1 }
        #expect(counts.count == 24)
        #expect(chiSquare(Array(counts.values)) < limit(freedom: 23))
    }
}
