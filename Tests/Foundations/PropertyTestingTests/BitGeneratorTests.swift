import PropertyTesting
import Testing

@Suite struct `Bit generators` {
    @Test func `SplitMix64 gives the published words`() {
        var bits = SplitMix64(seed: 1_234_567)
        let words = (0..<5).map { _ in bits.next() }
        #expect(
            words == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
    }

    @Test func `xoshiro256** gives the published words`() {
        var bits = Xoshiro256StarStar(state: (1, 2, 3, 4))
        let words = (0..<10).map { _ in bits.next() }
        #expect(
            words == [
                11_520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360,
                607_988_272_756_665_600, 16_172_922_978_634_559_625, 8_476_171_486_693_032_832,
                10_595_114_339_597_558_777, 2_904_607_092_377_533_576,
            ])
    }

    @Test func `seed and index are not interchangeable and neither is ignored`() {
        var firsts = Set<UInt64>()
        for seed in 0..<40 as Range<UInt64> {
            for index in 0..<40 as Range<UInt64> {
                var bits = Xoshiro256StarStar(seed: seed, index: index)
                firsts.insert(bits.next())
            }
        }
        #expect(firsts.count == 1600)
    }

    @Test func `a bounded word is uniform and reaches its bound`() {
        var bits = Xoshiro256StarStar(seed: 1, index: 0)
        var counts = [Int](repeating: 0, count: 6)
        for _ in 0..<60_000 { counts[Int(bits.uniform(upTo: 5))] += 1 }
        // Six standard deviations of a binomial count are 548.
        for count in counts { #expect(abs(count - 10_000) < 548) }
        #expect(bits.uniform(upTo: 0) == 0)
        #expect((0..<100).contains { _ in bits.uniform(upTo: .max) > .max / 2 })
    }

    @Test func `unit numbers lie in the half-open unit interval with mean one half`() {
        var bits = Xoshiro256StarStar(seed: 2, index: 0)
        let values = (0..<20_000).map { _ in bits.unit() }
        #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
        // Six standard errors; the standard deviation is 1/√12.
        let mean = values.reduce(0, +) / 20_000
        #expect(abs(mean - 0.5) < 6 * 0.289 / 141)
    }

    @Test func `normal numbers have the moments of the normal distribution`() {
        var bits = Xoshiro256StarStar(seed: 3, index: 0)
        let values = (0..<40_000).map { _ in bits.gaussian() }
        func moment(_ power: Int) -> Double {
            values.reduce(0) { sum, value in sum + (0..<power).reduce(1) { product, _ in product * value } } / 40_000
        }
        // Six standard errors each: the variances of z, z², z³, z⁴ are 1, 2, 15, 96.
        #expect(abs(moment(1)) < 6 * (1.0 / 40_000).squareRoot())
        #expect(abs(moment(2) - 1) < 6 * (2.0 / 40_000).squareRoot())
        #expect(abs(moment(3)) < 6 * (15.0 / 40_000).squareRoot())
        #expect(abs(moment(4) - 3) < 6 * (96.0 / 40_000).squareRoot())
    }
}
