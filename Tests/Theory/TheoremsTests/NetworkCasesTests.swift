import Networks
import PropertyTesting
import Testing
import Theorems

/// The generator makes what its knobs say, and leaves nothing of the population out.
@Suite("Network cases")
struct NetworkCasesTests {
    private func labels(_ cases: NetworkCases, count: Int = 300) -> LabelTally {
        let property = Property("coverage", cases.generator()) { networkCase, context in
            networkCase.label(&context)
            return 0
        }
        return property.check(CheckSettings(cases: count)).labels
    }

    @Test("Every activation, loss, depth and degeneracy occurs in 300 cases")
    func coverage() {
        let tally = labels(NetworkCases())
        for activation in Activation.allCases { #expect(tally.count("activation: \(activation.name)") > 5) }
        for loss in Loss.allCases { #expect(tally.count("loss: \(loss.name)") > 50) }
        for depth in 1...5 { #expect(tally.count("depth: \(depth)") > 30) }
        for degeneracy in NetworkCase.Degeneracy.allCases {
            #expect(tally.count(degeneracy.rawValue) > 10, "\(degeneracy)")
        }
        for name in ["α: below 0.01", "α: 0.01 to 100", "α: above 100", "mini-batch: 1", "mini-batch: more"] {
            #expect(tally.count(name) > 20, "\(name)")
        }
    }

    @Test("Knobs hold in every case")
    func knobs() {
        let cases = NetworkCases {
            $0.depths = 2...3
            $0.widths = 2...5
            $0.activations = NetworkCases.smoothActivations
            $0.losses = [.squaredError]
            $0.biases = [true]
            $0.batchSizes = 1...4
            $0.batchFitsLayers = true
            $0.learningRates = 0.1...1
            $0.degeneracies = []
        }
        let property = Property("knobs", cases.generator()) { networkCase in
            let architecture = networkCase.architecture
            let columns = (0..<architecture.depth).map { architecture.columns(ofLayer: $0) }
            return (2...3).contains(architecture.depth) && !architecture.hasKinks
                && architecture.widths.allSatisfy { (2...5).contains($0) }
                && architecture.biases.allSatisfy { $0 } && networkCase.problem.loss == .squaredError
                && networkCase.problem.batch.size <= min(4, columns.min() ?? 0)
                && (0.1...1).contains(networkCase.alpha) && networkCase.degeneracies.isEmpty
        }
        let report = property.check(CheckSettings(cases: 200))
        #expect(report.isPassed, "\(report)")
    }

    @Test("A case shrinks to a small network that is printed in full")
    func shrinking() {
        let property = Property("α below 100", NetworkCases().generator()) { $0.alpha < 100 }
        let report = property.check(CheckSettings(cases: 200))
        let text = report.counterexample?.description ?? ""
        #expect(text.hasPrefix("1-1 linear without bias, squared-error, mini-batch 1, α = 128.0"), "\(text)")
        #expect(text.contains("W0 = [0.0]; x = [0.0]; y = [0.0]"), "\(text)")
    }
}
