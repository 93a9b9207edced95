import PropertyTesting
import Randomness
import Testing

@Suite struct `Bit generators` {
    /// By an independent implementation in Python. They must never change: a replay token means these words.
    @Test("the words of a case", arguments: [
        (1, 0, [0xEE12_7FE6_1343_6E33, 0xD6DA_D8D3_4A18_74EA, 0x2A52_C16C_EC11_16A9]),
        (7, 3, [0x9D77_2B3D_FE15_43E2, 0xD7A3_C55D_E1AA_A8E5, 0xB1B6_1433_DAD6_D05D]),
        (.max, 1 << 40, [0x437A_DDAC_C9A0_52EE, 0xB2F5_6581_3A20_2411, 0xDC5B_7836_1D39_DD5D]),
    ] as [(UInt64, UInt64, [UInt64])])
    func wordsOfACase(seed: UInt64, index: UInt64, expected: [UInt64]) {
        var bits = RandomGenerator(seed: seed, index: index)
        #expect(expected.map { _ in bits.nextBits() } == expected)
    }

    @Test func `seed and index are not interchangeable and neither is ignored`() {
        var firsts = Set<UInt64>()
        for seed in 0..<40 as Range<UInt64> {
            for index in 0..<40 as Range<UInt64> {
                var bits = RandomGenerator(seed: seed, index: index)
                firsts.insert(bits.nextBits())
            }
        }
        #expect(firsts.count == 1600)
    }

    @Test func `a bounded word is uniform and reaches its bound`() {
        var bits = RandomGenerator(seed: 1, index: 0)
        var counts = [Int](repeating: 0, count: 6)
        for _ in 0..<60_000 { counts[Int(bits.uniform(upTo: 5))] += 1 }
        // Six standard deviations of a binomial count are 548.
        for count in counts { #expect(abs(count - 10_000) < 548) }
        #expect(bits.uniform(upTo: 0) == 0)
        #expect((0..<100).contains { _ in bits.uniform(upTo: .max) > .max / 2 })
    }
}
