import DataSets
import Testing

@Suite struct GaussianDataTests {
    @Test func `has the sizes asked for, and classes of about equal size`() throws {
        let data = try GaussianData.examples(count: 3000, width: 7, classCount: 3, seed: 1)
        #expect(data.count == 3000)
        #expect(data.inputs.count == 21_000)
        #expect(data.inputShape == [7])
        // 1,000 expected; five standard deviations are 129.
        #expect(data.classSizes.allSatisfy { (871...1129).contains($0) })
        let mean = data.inputs.reduce(0, +) / 21_000
        #expect(abs(mean) < 5 / 21_000.0.squareRoot())
    }

    @Test func `follows its laws: repeatable, prefixes, independent streams`() throws {
        let data = try GaussianData.examples(count: 20, width: 5, classCount: 4, seed: 9)
        #expect(try data == GaussianData.examples(count: 20, width: 5, classCount: 4, seed: 9))
        #expect(
            try data.examples(at: Array(0..<6))
                == GaussianData.examples(count: 6, width: 5, classCount: 4, seed: 9))
        #expect(
            try data.labels
                == GaussianData.examples(count: 20, width: 8, classCount: 4, seed: 9).labels)
        #expect(
            try data.inputs
                == GaussianData.examples(count: 20, width: 5, classCount: 2, seed: 9).inputs)
        #expect(
            try data.inputs
                != GaussianData.examples(count: 20, width: 5, classCount: 4, seed: 8).inputs)
    }

    @Test func `a label tells nothing of the input`() throws {
        let agreeing = try (0..<400 as Range<UInt64>).filter { seed in
            let data = try GaussianData.examples(count: 1, width: 1, classCount: 2, seed: seed)
            return (data.inputs[0] > 0) == (data.labels[0] == 1)
        }
        // 200 expected; five standard deviations are 50. From one stream it would be about 350.
        #expect((150...250).contains(agreeing.count))
    }

    @Test(arguments: [
        (-1, 1, 1), (1, 0, 1), (1, 1, 0), (1, 1, .max), (1 << 20, 1 << 20, 2), (.max, .max, 2),
    ])
    func `refuses impossible sizes`(count: Int, width: Int, classCount: Int) {
        #expect(throws: DataSetError.self) {
            try GaussianData.examples(count: count, width: width, classCount: classCount, seed: 0)
        }
    }
}
