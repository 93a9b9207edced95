import ErrorTables
import Networks
import Testing

/// Cases are the same for the same seed, and independent of how many are asked for.
@Suite("Case distributions")
struct CaseDistributionTests {
    private func distribution(
        _ source: DataSource, widths: [Int], batchSize: Int = 2, count: Int = 3, seed: UInt64 = 5
    ) throws -> CaseDistribution {
        CaseDistribution(
            architecture: try Architecture(widths: widths, activation: .relu), source: source,
            batchSize: batchSize, count: count, seed: seed)
    }

    private func small(_ count: Int, seed: UInt64 = 5) throws -> [StudyCase] {
        try distribution(.gaussian, widths: [4, 3, 2], count: count, seed: seed).cases()
    }

    @Test func `the first cases do not depend on how many follow`() throws {
        for (few, many) in zip(try small(2), try small(6)) {
            #expect(few.index == many.index)
            #expect(few.network == many.network && few.batch == many.batch)
        }
    }

    @Test func `another seed, and another index, are other cases`() throws {
        let (own, other) = (try small(2), try small(2, seed: 6))
        #expect(own[0].network != other[0].network && own[0].batch != other[0].batch)
        #expect(own[0].network != own[1].network && own[0].batch != own[1].batch)
    }

    @Test func `targets are one-hot`() throws {
        for one in try distribution(.digits, widths: [64, 5, 12], batchSize: 7).cases() {
            #expect(one.batch.size == 7 && one.batch.inputs.rows == 64)
            for example in 0..<7 {
                let target = one.batch.targets.column(example)
                #expect(target.filter { $0 == 1 }.count == 1 && target.filter { $0 == 0 }.count == 11)
            }
        }
    }

    @Test func `widths that do not fit the data, and empty studies, are refused`() throws {
        #expect(throws: StudyError.inputWidth(source: .digits, expected: 64, found: 63)) {
            try distribution(.digits, widths: [63, 5, 10]).cases()
        }
        #expect(throws: StudyError.outputWidth(source: .digits, expected: 10, found: 9)) {
            try distribution(.digits, widths: [64, 5, 9]).cases()
        }
        for (batchSize, count) in [(0, 1), (1, 0), (-1, 1), (Int.max, 2)] {
            #expect(throws: StudyError.noCases) {
                try distribution(.gaussian, widths: [4, 2], batchSize: batchSize, count: count).cases()
            }
        }
    }
}
