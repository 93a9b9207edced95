import ErrorTables
import LearningRules
import Testing
import TrainingStudies

/// What names the arithmetic of a build in the keys of stored runs.
@Suite struct NumericsFingerprintTests {
    @Test func `it is part of the version of results`() {
        #expect(ResultVersion.current == RunProvenance.version + "+" + NumericsFingerprint.current)
        #expect(NumericsFingerprint.current.count == 8)
        #expect(ResultVersion.matches(ResultVersion.current, RunProvenance.version))
        #expect(ResultVersion.matches(ResultVersion.current, ResultVersion.current))
        #expect(!ResultVersion.matches(RunProvenance.version + "0+1", RunProvenance.version))
    }

    /// Guards: a rule that is left out, or that goes in by its name alone.
    @Test(arguments: RuleRegistry.builtIn.entries)
    func `every rule is in it, by what it computes`(entry: RuleEntry) throws {
        let text = NumericsFingerprint.text(of: [entry])
        // One line for each run, with weights and measurements.
        let lines = text.split(separator: "\n")
        #expect(lines.count == 4 && lines.allSatisfy { $0.split(separator: " ").count > 20 }, "\(text)")
        #expect(text == NumericsFingerprint.text(of: [entry]))
        // z-il computes what bp does (T22).
        let isExplicit = [RuleEntry.backpropagation, .zeroDivergence].contains(entry)
        let other: any LearningRule = isExplicit ? NormalizedBackpropagation() : Backpropagation()
        let planted = RuleEntry(
            name: entry.name, summary: entry.summary, settings: entry.settings, chartStyle: 0) { _ in other }
        #expect(NumericsFingerprint.text(of: [planted]) != text)
    }

    /// Guards: digits that another kernel of the BLAS changes, such as the distance of `implicit` from the exact update.
    @Test func `no number in it is rounding alone`() {
        let text = NumericsFingerprint.text() + "\n" + NumericsFingerprint.graphText()
        let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        #expect(numbers.count > 2000 && numbers.allSatisfy { $0 == 0 || abs($0) >= 1e-9 })
    }

    /// Guards: a rule of graphs that is left out, or that could not be trained there.
    @Test func `every rule of graphs is in it, plain and with Adam`() {
        let lines = NumericsFingerprint.graphText().split(separator: "\n")
        #expect(lines.count == 2 * GraphRules.all.count)
        #expect(lines.allSatisfy { $0.split(separator: " ").count == 2 + 3 + 23 }, "\(lines)")
        #expect(Set(lines.map { $0.drop { $0 != " " } }).count == lines.count, "each computes something of its own")
    }
}
