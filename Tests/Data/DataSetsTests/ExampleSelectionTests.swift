import DataSets
import Testing

@Suite struct ExampleSelectionTests {
    @Test func `all and first keep the order`() throws {
        #expect(try ExampleSelection.all.indices(among: 3, dataSet: "d") == [0, 1, 2])
        #expect(try ExampleSelection.first(2).indices(among: 3, dataSet: "d") == [0, 1])
        #expect(try ExampleSelection.first(0).indices(among: 0, dataSet: "d").isEmpty)
    }

    @Test(arguments: [
        ExampleSelection.first(4), .first(-1), .random(4, seed: 1), .random(-1, seed: 1),
    ])
    func `refuses what there is not`(_ selection: ExampleSelection) throws {
        let wanted = try #require(selection.count)
        #expect(throws: DataSetError.selection(dataSet: "d", requested: wanted, available: 3)) {
            try selection.indices(among: 3, dataSet: "d")
        }
    }

    /// Computed by a separate Python program from the papers' formulas.
    @Test func `a seed means these examples for ever`() throws {
        #expect(
            try ExampleSelection.random(6, seed: 7).indices(among: 60_000, dataSet: "d")
                == [42034, 16725, 50377, 58865, 59451, 52367])
        #expect(
            try ExampleSelection.random(10, seed: 1).indices(among: 10, dataSet: "d")
                == [7, 5, 6, 1, 8, 3, 2, 4, 9, 0])
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `a choice is without repetition, and a smaller one its prefix`(
        seed: UInt64
    ) throws {
        let all = try ExampleSelection.random(37, seed: seed).indices(among: 37, dataSet: "d")
        #expect(all.sorted() == Array(0..<37))
        for count in [0, 1, 12, 36] {
            #expect(
                try ExampleSelection.random(count, seed: seed).indices(among: 37, dataSet: "d")
                    == Array(all.prefix(count)))
        }
    }

    @Test func `every ordered pair is chosen about as often`() throws {
        var counts: [[Int]: Int] = [:]
        for seed in 0..<6_000 as Range<UInt64> {
            counts[
                try ExampleSelection.random(2, seed: seed).indices(among: 4, dataSet: "d"),
                default: 0] += 1
        }
        // 12 pairs, 500 expected; 5 standard deviations are 107. The seeds are fixed, so is the
        // result.
        #expect(counts.count == 12)
        #expect(counts.values.allSatisfy { (393...607).contains($0) })
    }
}
