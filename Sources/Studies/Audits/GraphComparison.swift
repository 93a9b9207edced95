public import CaseFiles
public import Comparison
public import Documents
internal import ErrorTables
internal import Graphs
public import ImplicitSGD
internal import JSON
public import LearningRules
internal import LinearAlgebra
internal import Networks

/// How far the updates of rules are from the exact one, on one case of a user's whose network is a graph.
public struct GraphComparison: Sendable {
    /// One rule at one learning rate.
    public struct Entry: Sendable {
        public let rule: String
        public let solution: GraphSolution
        /// `nil` if the exact update was not found or the rule has no update; `reason` says which.
        public let measures: GraphMeasures?
        public let reason: String?
    }

    /// Ordered by learning rate, then rule.
    public let entries: [Entry]
    public let provenance: Provenance

    /// Solves a user's case at every learning rate and applies every rule. `progress` is called after each exact update.
    ///
    /// - Throws: `SolveError`, and what posing a problem can throw.
    public init(
        _ file: GraphFile, learningRates: [Double], rules: [any GraphRule], options: SolverOptions, provenance: Provenance,
        progress: () -> Void = {}
    ) throws {
        try self.init(
            learningRates.map { try file.problem(learningRate: $0) }, rules: rules, options: options,
            provenance: provenance, progress: progress)
    }

    /// The same for problems, such as one case at several learning rates.
    ///
    /// - Throws: `SolveError`.
    init(
        _ problems: [GraphProblem], rules: [any GraphRule], options: SolverOptions, provenance: Provenance,
        progress: () -> Void = {}
    ) throws(SolveError) {
        var entries: [Entry] = []
        for problem in problems {
            let solution = try GraphSolution(problem, options: options)
            progress()
            for rule in rules {
                guard solution.isExact else {
                    entries.append(
                        Entry(
                            rule: rule.name, solution: solution, measures: nil,
                            reason: "nothing to compare with: \(solution.reason ?? "")"))
                    continue
                }
                do throws(RuleError) {
                    let measures = GraphMeasures(try rule.update(problem), solution)
                    entries.append(Entry(rule: rule.name, solution: solution, measures: measures, reason: nil))
                } catch {
                    entries.append(Entry(rule: rule.name, solution: solution, measures: nil, reason: "\(error)"))
                }
            }
        }
        self.entries = entries
        self.provenance = provenance
    }

    /// Whether at every learning rate the exact update was found.
    public var isSolved: Bool { entries.allSatisfy(\.solution.isExact) }

    /// The columns, with the keys and titles of `CaseComparison`.
    static let columns: [(key: String, title: String, value: @Sendable (GraphMeasures) -> Double)] = [
        ("relativeDistance", "relative distance", { $0.distance.relativeDistance }), ("cosine", "cosine", { $0.distance.cosine }),
        ("normRatio", "norm ratio", { $0.distance.normRatio }), ("proximalGap", "proximal gap", { $0.proximalGap }),
        ("implicitResidual", "implicit residual", { $0.implicitResidual }),
    ]

    /// An array with one flat object for each rule and learning rate, and a line break.
    public var json: String {
        let origin = JSONRenderer().value(of: provenance)
        let objects = entries.map { entry in
            let report = entry.solution.solve
            var members: [JSONValue.Member] = [
                .init("rule", .string(entry.rule)), .init("alpha", .number(report.learningRate)),
            ]
            for column in Self.columns {
                members.append(.init(column.key, entry.measures.map { .number(column.value($0)) } ?? .null))
            }
            members += [
                .init("lossAfter", entry.measures.map { .number($0.lossAfter) } ?? .null),
                .init("inferenceConverged", .null), .init("outcome", .string(report.outcome.name)),
                .init("exactImplicitResidual", .number(report.implicitResidual)),
                .init("exactSolver", .string(report.method.name)),
                .init("exactMinimum", .string(entry.solution.certificate.point?.minimum.name ?? "not-examined")),
                .init("reason", entry.reason.map(JSONValue.string) ?? .null), .init("provenance", origin),
            ]
            return JSONValue.object(members)
        }
        return JSONValue.array(objects).text() + "\n"
    }

    /// One table with a row for each rule and learning rate, and one of the exact solves.
    public func document() throws -> Document {
        var document = Document(title: "Distance to the exact implicit update", provenance: provenance)
        document.appendTable(try ruleTable())
        document.appendTable(try solveTable())
        return document
    }

    func ruleTable() throws -> Table {
        var table = try Table(
            title: "Updates of the rules",
            columns: [
                Column("alpha", title: "α", format: .setting, identifiesRow: true),
                Column("rule", format: .text, identifiesRow: true),
            ] + Self.columns.map { Column($0.key, title: $0.title, format: .significant(3)) })
        for entry in entries {
            try table.append(
                [.number(entry.solution.solve.learningRate), .text(entry.rule)]
                    + Self.columns.map { column in
                        entry.measures.map { .number(column.value($0)) } ?? .missing(reason: entry.reason ?? "does not apply")
                    })
        }
        return table
    }

    func solveTable() throws -> Table {
        var table = try Table(
            title: "The implicit updates that they are compared with",
            columns: [
                Column("alpha", title: "α", format: .setting, identifiesRow: true), Column("outcome", format: .text),
                Column("implicitResidual", title: "implicit residual", format: .significant(2)),
                Column("lossBefore", title: "loss before", format: .significant(3)),
                Column("lossAfter", title: "loss after", format: .significant(3)),
                Column("updateNorm", title: "‖Δ_imp‖", format: .significant(3)),
                Column("kinkedUnits", title: "on kinks", format: .integer), Column("minimum", format: .text),
                Column("iterations", format: .integer),
                Column("hessianProducts", title: "products", format: .integer),
                Column("seconds", title: "time", format: .seconds),
            ])
        var seen: Set<Double> = []
        for entry in entries where seen.insert(entry.solution.solve.learningRate).inserted {
            let (report, point) = (entry.solution.solve, entry.solution.certificate.point)
            try table.append([
                .number(report.learningRate), .text(entry.solution.isExact ? report.outcome.name : "refused"),
                .number(point?.implicitResidual ?? .infinity), .number(report.lossBefore), .number(report.lossAfter),
                .number(report.update.norm), .integer(point?.kinkedUnits.count ?? 0),
                .text(point?.minimum.name ?? "not-examined"), .integer(report.iterations),
                .integer(report.hessianProducts), .number(report.seconds),
            ])
            if let reason = entry.solution.reason {
                table.notes.append("Refused at α = \(report.learningRate): \(reason).")
            }
        }
        if let reason = entries.compactMap({ $0.solution.certificate.point?.minimum.text }).first(where: { $0.hasPrefix("whether") }) {
            table.notes.append("Where it says not-decided, \(reason).")
        }
        return table
    }
}

/// The measures of `docs/theory.md` §5 for one update of a graph, as `UpdateComparison` has them for chains.
public struct GraphMeasures: Sendable {
    /// All tensors together.
    public let distance: UpdateDistance
    /// `(P(w_b+Δ) − P(w⁺))/(P(w_b) − P(w⁺))`.
    public let proximalGap: Double
    /// `‖Δ + α∇L(w_b+Δ)‖/‖Δ‖`, at kinks with the left derivative.
    public let implicitResidual: Double
    public let lossAfter: Double

    init(_ update: Parameters<Double>, _ exact: GraphSolution) {
        distance = UpdateDistance(of: update, to: exact.solve.update)
        let problem = exact.problem
        lossAfter = problem.loss(after: update)
        let report = exact.solve
        proximalGap = (problem.objective(after: update) - report.objective) / (report.lossBefore - report.objective)
        implicitResidual = problem.implicitResidual(of: update)
    }
}
