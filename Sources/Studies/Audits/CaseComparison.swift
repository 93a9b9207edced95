public import CaseFiles
public import Comparison
public import Documents
internal import ErrorTables
public import Certificates
public import ImplicitSGD
internal import Intervals
internal import JSON
public import LearningRules
internal import LinearAlgebra
public import Networks

/// How far the updates of rules are from the exact one, on one case of a user's.
public struct CaseComparison: Sendable {
    /// One rule at one learning rate.
    public struct Entry: Sendable {
        public let rule: String
        /// The conventions of the published code that are in force in the rule.
        public let conventions: [PublishedQuirk]
        public let report: CertifiedUpdate
        /// `nil` if the exact update was not found or the rule has no update; `reason` says which.
        public let comparison: UpdateComparison?
        /// The same with proved bounds, where they were asked for and the exact update is enclosed.
        public let proved: ProvedComparison?
        public let reason: String?
        public let equilibrium: EquilibriumStatus?
    }

    /// Ordered by learning rate, then rule.
    public let entries: [Entry]
    public let provenance: Provenance
    /// Whether proved bounds were asked for.
    private let isProved: Bool

    /// Solves the case at every learning rate and applies every rule; calls `progress` after each learning rate.
    ///
    /// - Throws: `ProblemError`, `SolveError`.
    public init(
        _ file: CaseFile, learningRates: [Double], rateMultiples: [Double] = [], held: HeldParameters = .none,
        rules: [ChosenRule],
        solver: ProximalSolver, examination: Certifier.Examination = .minimum, provenance: Provenance,
        progress: @Sendable () -> Void = {}
    ) throws {
        let study = ApproximationStudy(
            learningRates: learningRates, rows: rules.map { .init(label: $0.name, rule: $0.rule) },
            solver: solver, examination: examination, rateMultiples: rateMultiples, held: held)
        let outcomes = try study.run(
            [StudyCase(index: 0, network: file.network, batch: file.batch)], loss: file.loss, progress: progress)
        self.provenance = provenance
        isProved = examination == .enclosure
        entries = outcomes.flatMap { outcome in
            zip(rules, outcome.rules).map { rule, result in
                Self.entry(rule, outcome.report, result)
            }
        }
    }

    private static func entry(
        _ rule: ChosenRule, _ report: CertifiedUpdate,
        _ result: Result<ApproximationStudy.RuleOutcome, RuleError>
    ) -> Entry {
        guard report.isExact else {
            return Entry(
                rule: rule.name, conventions: rule.conventions, report: report, comparison: nil, proved: nil,
                reason: "nothing to compare with: \(report.reason ?? "")", equilibrium: nil)
        }
        switch result {
        case .success(let outcome):
            return Entry(
                rule: rule.name, conventions: rule.conventions, report: report, comparison: outcome.comparison,
                proved: outcome.proved,
                reason: report.certificate.point?.notEnclosed?.description,
                equilibrium: outcome.equilibrium)
        case .failure(let error):
            return Entry(
                rule: rule.name, conventions: rule.conventions, report: report, comparison: nil, proved: nil,
                reason: "\(error)", equilibrium: nil)
        }
    }

    /// Whether at every learning rate the exact update was found, or is proved to be zero to rounding.
    public var isSolved: Bool { entries.allSatisfy(\.report.isAnswered) }

    /// The measures in the order of columns.
    static let measures: [(key: String, title: String, measure: Measure)] = [
        ("relativeDistance", "relative distance", .relativeDistance), ("cosine", "cosine", .cosine),
        ("normRatio", "norm ratio", .normRatio), ("proximalGap", "proximal gap", .proximalGap),
        ("implicitResidual", "implicit residual", .implicitResidual),
    ]

    /// An array with one flat object for each rule and learning rate, and a line break.
    ///
    /// Where there is no value it is `null`, and `reason` says why. Every object carries the outcome
    /// and the certificate of the exact solve, and the provenance.
    public var json: String {
        let origin = JSONRenderer().value(of: provenance)
        let objects = entries.map { entry in
            var members: [JSONValue.Member] = [
                .init("rule", .string(entry.rule)),
                .init("alpha", .number(entry.report.learningRate)),
            ]
            for (key, _, measure) in Self.measures {
                let value = entry.comparison.flatMap { measure.value($0) }
                members.append(.init(key, value.map(JSONValue.number) ?? .null))
            }
            if isProved { members += entry.provedMembers }
            members += [
                .init("lossAfter", entry.comparison.map { .number($0.lossAfter) } ?? .null),
                .init(
                    "inferenceConverged",
                    entry.equilibrium.map { .boolean($0.isConverged) } ?? .null),
                .init("outcome", .string(entry.report.solve.outcome.name)),
                .init("exactImplicitResidual", .number(entry.report.implicitResidual)),
                .init("exactSolver", .string(entry.report.solve.method.name)),
                .init("reason", entry.reason.map(JSONValue.string) ?? .null),
                .init("conventions", .array(entry.conventions.map { .string($0.rawValue) })),
                .init("provenance", origin),
            ]
            return JSONValue.object(members)
        }
        return JSONValue.array(objects).text() + "\n"
    }

    /// One table with a row for each rule and learning rate, and one of the exact solves.
    public func document() throws -> Document {
        var document = Document(
            title: "Distance to the exact implicit update", provenance: provenance)
        var table = try Table(
            title: "Updates of the rules",
            columns: [
                Column("alpha", title: "α", format: .setting, identifiesRow: true),
                Column("rule", format: .text, identifiesRow: true),
            ] + Self.measures.map { measure in
                let isEnclosed = isProved && Measure.proved.contains(measure.measure)
                return Column(
                    measure.key, title: measure.title,
                    format: isEnclosed ? .enclosure(.significant(4)) : .significant(3))
            })
        for entry in entries {
            try table.append(
                [.number(entry.report.learningRate), .text(entry.rule)]
                    + Self.measures.map { entry.cell($0.measure, isProved: isProved) })
        }
        let stopped = entries.filter { $0.equilibrium?.isConverged == false }
        if !stopped.isEmpty {
            let names = stopped.map { "\($0.rule) at α = \($0.report.learningRate)" }
            table.notes.append(
                "Inference did not reach its equilibrium: " + names.joined(separator: ", ") + ".")
        }
        table.notes += conventionNotes
        document.appendTable(table)
        document.appendTable(try ReferenceUpdate.table(reports))
        return document
    }

    /// What the rules as published are here, a sentence each.
    private var conventionNotes: [String] {
        var named: Set<String> = []
        return entries.filter { !$0.conventions.isEmpty && named.insert($0.rule).inserted }.map { entry in
            "\(entry.rule) follows the published code in \(entry.conventions.map(\.rawValue).joined(separator: ", "))."
        }
    }

    private var reports: [ReferenceUpdate] {
        var result: [ReferenceUpdate] = []
        for entry in entries where result.last?.learningRate != entry.report.learningRate {
            result.append(ReferenceUpdate(entry.report))
        }
        return result
    }
}

extension CaseComparison.Entry {
    /// A computed value, or proved bounds of it; the implicit residual is always computed.
    fileprivate func cell(_ measure: Measure, isProved: Bool) -> Cell {
        let cell = isProved && Measure.proved.contains(measure)
            ? proved.flatMap { measure.enclosure($0) }.map { Cell.enclosure(lower: $0.lower, upper: $0.upper) }
            : comparison.flatMap { measure.value($0) }.map(Cell.number)
        return cell ?? .missing(reason: reason ?? "does not apply")
    }

    /// What `--proved` adds.
    fileprivate var provedMembers: [JSONValue.Member] {
        let bounds = CaseComparison.measures.flatMap { key, _, measure -> [JSONValue.Member] in
            guard Measure.proved.contains(measure) else { return [] }
            let interval = proved.flatMap { measure.enclosure($0) }
            return [
                .init(key + "Lower", interval.map { .number($0.lower) } ?? .null),
                .init(key + "Upper", interval.map { .number($0.upper) } ?? .null),
            ]
        }
        return bounds + [
            .init("exactCertificate", .string(report.certificate.name)),
            .init("notEnclosed", report.certificate.point?.notEnclosed.map { .string($0.name) } ?? .null),
        ]
    }
}
