import DataSets
import Testing

@Suite struct DigitsTests {
    @Test func `are the 1,797 of scikit-learn`() throws {
        let digits = try Digits.load()
        #expect(digits.count == 1797)
        #expect(digits.inputShape == [8, 8])
        #expect(digits.width == 64)
        #expect(digits.classCount == 10)
        #expect(digits.classSizes == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
        #expect(digits.inputs.allSatisfy { (0...1).contains($0) })
        // Hashes computed in Python from scikit-learn's digits.csv.gz.
        #expect(fnv1a(digits.inputs.map { UInt8($0 * 16) }) == 0x493F_A2F6_7DF5_50A1)
        #expect(fnv1a(digits.labels.map { UInt8($0) }) == 0x5C66_ED87_5B0A_9785)
        #expect(digits.inputs.reduce(0, +) * 16 == 561_718)
        #expect(digits.source.contains("Alpaydin") && digits.source.contains("CC BY 4.0"))
    }

    @Test func `the first is a zero`() throws {
        let first = try Digits.load(.first(1))
        #expect(first.labels == [0])
        #expect(
            first.inputs.prefix(16).map { $0 * 16 }
                == [0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0])
    }

    @Test func `a choice is taken from them`() throws {
        let chosen = try Digits.load(.random(5, seed: 11))
        #expect(try chosen == Digits.load().examples(
            at: ExampleSelection.random(5, seed: 11).indices(among: 1797, dataSet: "digits")))
        #expect(throws: DataSetError.selection(dataSet: "digits", requested: 1798, available: 1797))
        {
            try Digits.load(.first(1798))
        }
    }
}
