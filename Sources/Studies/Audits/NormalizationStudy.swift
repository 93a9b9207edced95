public import Documents
internal import Graphs
public import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks

/// Is the published normalization of convolutions the minimum-norm update (claim C12)? And how far is each rule from exact
/// implicit SGD, on the paper's convolutional network?
///
/// A rule that divides the summed gradient by ν changes the predictions of a node by `Ke/(Bν)`, `K` the Gram matrix of
/// its patches, the same for all its channels. So it leaves `(I − K/(Bν))e` of the local errors: an eigenvalue of `K/(Bν)`
/// above 2 makes them grow. The minimum-norm update leaves what is outside the range of `K`.
public struct NormalizationStudy: Sendable {
    public var network: PaperNetwork
    public var learningRates: [Double]
    public var options: SolverOptions

    public init(network: PaperNetwork, learningRates: [Double], options: SolverOptions) {
        self.network = network
        self.learningRates = learningRates
        self.options = options
    }

    /// Those whose normalizations are compared, and BP.
    private static let rules: [any GraphRule] = [
        GraphBackpropagation(), GraphInferenceLearning.standard(), GraphInferenceLearning.proximal(),
        GraphInferenceLearning.publishedConvolution(),
    ]

    /// The tables, and whether every exact update was found.
    ///
    /// - Parameter provenance: what the output says of itself.
    /// - Throws: `SolveError`, and what posing the problem can throw.
    public func document(provenance: Provenance) throws -> (document: Document, isSolved: Bool) {
        let problems = try learningRates.map { try network.problem(learningRate: $0) }
        let comparison = try GraphComparison(problems, rules: Self.rules, options: options, provenance: provenance)
        var document = Document(title: "The paper's convolutional network", provenance: provenance)
        for problem in problems { document.appendTable(try normalizationTable(problem)) }
        document.appendTable(try comparison.ruleTable())
        document.appendTable(try comparison.solveTable())
        return (document, comparison.isSolved)
    }

    private func normalizationTable(_ problem: GraphProblem) throws -> Table {
        let (design, errors, _) = GraphInferenceLearning.proximal().inferred(problem)
        var table = try Table(
            title: "What normalizations leave of the local errors, α = \(problem.learningRate)",
            columns: [
                Column("node", format: .text, identifiesRow: true),
                Column("patches", format: .integer), Column("rank", title: "rank of K", format: .integer),
                Column("size", title: "ν of paper-conv", format: .significant(3)),
                Column("largest", title: "largest eigenvalue of K/(Bν)", format: .significant(3)),
                Column("published", title: "‖error left‖/‖error‖, paper-conv", format: .significant(3)),
                Column("leastNorm", title: "the same, minimum norm", format: .significant(2)),
            ])
        for row in try design.normalizations(errors) {
            try table.append([
                .text(row.node), .integer(row.patches), .integer(row.rank), .number(row.size), .number(row.largest),
                .number(row.published), .number(row.leastNorm),
            ])
        }
        table.notes = [
            "After 25 steps of inference as in il-prox. Above 2, the eigenvalue makes a part of the error grow; at 1 everywhere it would be the minimum-norm update.",
        ]
        return table
    }
}
