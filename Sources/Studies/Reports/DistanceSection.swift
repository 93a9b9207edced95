internal import Certificates
internal import Documents
public import ErrorTables
internal import ImplicitSGD
internal import LearningRules
internal import Networks

/// The section of a report on one distribution of cases: how far each rule's update is from the exact one.
public struct DistanceSection: Sendable {
    private let distribution: CaseDistribution
    private let study: ApproximationStudy
    private let outcomes: [ApproximationStudy.CaseOutcome]

    /// The learning rates of every report.
    public static let learningRates = [0.001, 0.01, 0.1, 1, 10, 100]
    private static let measures: [Measure] = [.relativeDistance, .cosine, .proximalGap]

    /// Runs the study.
    ///
    /// - Parameters:
    ///   - distribution: the cases; each is solved at every learning rate.
    ///   - threads: how many cases are worked on at once.
    ///   - progress: called after each exact update, from any thread.
    /// - Throws: `StudyError`, `DataSetError`, `SolveError` or `ProblemError`.
    public init(
        _ distribution: CaseDistribution, threads: Int, progress: @Sendable () -> Void
    ) throws {
        self.distribution = distribution
        study = ApproximationStudy(
            learningRates: Self.learningRates,
            rows: RuleRegistry.builtIn.compared.map { .init(label: $0.name, rule: $0.rule()) },
            threads: threads)
        outcomes = try study.run(
            try distribution.cases(), loss: distribution.loss, progress: progress)
    }

    /// Whether any exact update was found.
    public var hasExactUpdate: Bool { outcomes.contains(where: \.report.isExact) }

    func section(_ pictures: ReportPictures) throws -> HTMLPage.Section {
        let tables = ApproximationTables(study, outcomes, conditions: distribution.summary)
        let activation = distribution.architecture.activation(ofLayer: 1).name
        var elements: [HTMLPage.Element] = [
            .paragraph(
                "One update of each rule from the same weights, against the exact implicit update, which is "
                    + "solved for and certified in every case: \(distribution.summary), "
                    + "\(distribution.count) cases. Dotted lines continue the order in α that theory "
                    + "predicts from the smallest α.")
        ]
        for measure in Self.measures {
            elements += pictures.figure(try tables.table(measure))
        }
        // Times differ from run to run, and a report of the same results should be the same.
        elements.append(.table(try tables.solverTable().removing("milliseconds")))
        return HTMLPage.Section(
            "distances-\(activation)", heading: "Distance to the exact update: \(activation)",
            elements: elements)
    }
}
