import Comparison
import Documents
import ErrorTables
import ImplicitSGD
import LearningRules
import LinearAlgebra
import Networks
import Testing
import Training

/// One declaration: three long Euler steps of `il`.
extension RuleEntry {
    fileprivate static let shortInference = RuleEntry(
        name: "il-short", summary: "il with three long steps", settings: [.steps], chartStyle: 40
    ) { settings in
        InferenceLearning(
            name: "il-short",
            inference: EulerInference(
                steps: settings.steps ?? 3, stepSize: 0.3, precision: .unit, output: .clamped),
            weightUpdate: .local)
    }
}

/// A rule of an unknown kind, which the program knows by its `step` alone.
private struct HalfImplicit: LearningRule {
    let name = "half-implicit"

    func step<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>
    ) throws(RuleError) -> LearningStep<Scalar> {
        var step = try ImplicitGradientDescent().step(problem)
        step.update = Scalar(0.5) * step.update
        return step
    }
}

extension RuleEntry {
    fileprivate static let halfImplicit = RuleEntry(
        name: "half-implicit", summary: "half the exact step", chartStyle: 41
    ) { _ in HalfImplicit() }
}

/// A rule is one declaration: whatever the program does with rules, it does with one that it has never seen.
@Suite("A rule added by one declaration")
struct AddedRuleTests {
    private let registry = RuleRegistry(
        RuleRegistry.builtIn.entries + [.shortInference, .halfImplicit])

    private func cases() throws -> [StudyCase] {
        try CaseDistribution(
            architecture: Architecture(widths: [4, 5, 3], activation: .tanh), source: .gaussian,
            count: 3
        ).cases()
    }

    @Test func `is found by its name, with every optimiser`() throws {
        #expect(try registry.entry(named: "il-short").summary == "il with three long steps")
        for name in ["il-short-adam", "il-short+adam"] {
            let rule = try registry.trainingRule(named: name)
            #expect(rule == TrainingRule(.shortInference, .adam) && rule.name == "il-short-adam")
        }
        #expect(throws: RuleChoiceError.self) {
            try RuleRegistry.builtIn.trainingRule(named: "il-short")
        }
        try registry.check(RuleSettings(steps: 2), of: [.shortInference])
        #expect(throws: RuleChoiceError.self) {
            try registry.check(RuleSettings(steps: 2), of: [.halfImplicit])
        }
    }

    /// Half the exact step is at a relative distance of exactly a half.
    @Test func `is compared with the exact update in a row of a table`() throws {
        let entries = try ["il-short", "half-implicit"].map { try registry.entry(named: $0) }
        let study = ApproximationStudy(
            learningRates: [0.1], rows: entries.map { .init(label: $0.name, rule: $0.rule()) })
        let outcomes = try study.run(try cases(), loss: .squaredError)
        for outcome in outcomes {
            let half = try outcome.rules[1].get().comparison.whole
            #expect(abs(half.relativeDistance - 0.5) < 1e-9 && abs(half.cosine - 1) < 1e-9)
            let short = try outcome.rules[0].get().comparison.whole
            #expect(short.relativeDistance > 0 && short.relativeDistance < 1)
        }
        let table = try ApproximationTables(study, outcomes, conditions: "").table(.relativeDistance)
        #expect(table.rows.map { $0[0] } == [.text("il-short"), .text("half-implicit")])
    }

    @Test(
        "trains as its one-shot updates do, and resumes to the bit",
        arguments: [RuleEntry.shortInference, .halfImplicit], Optimizer.allCases)
    func trains(_ entry: RuleEntry, _ optimizer: Optimizer) throws {
        let inputs = Matrix<Float>(rows: 4, columns: 6) { i, j in i == j % 3 ? 1 : i == 3 ? Float(j) / 6 : 0 }
        let targets = Matrix<Float>(rows: 3, columns: 6) { i, j in i == j % 3 ? 1 : 0 }
        let pairs = ExamplePairs(inputs: inputs, targets: targets)
        let data = try TrainingData(training: pairs, test: pairs, task: .classification)
        let configuration = TrainingConfiguration(
            widths: [4, 5, 3], activation: .tanh, rule: TrainingRule(entry, optimizer),
            learningRate: optimizer == .plain ? 0.5 : 0.01, iterations: 40, precision: .double,
            dataSet: "six", evaluateEvery: 10, compareEvery: 10)
        var run = try TrainingRun(configuration, data: data)
        let rows = try run.advance(iterations: 40)
        #expect(rows.count == 4 && !run.isDiverged)
        #expect(rows[3].trainingLoss < rows[0].trainingLoss)
        if entry == .halfImplicit && optimizer == .plain {
            #expect(abs((rows[0].relativeDistance ?? .nan) - 0.5) < 1e-8)
        }
        var slices = try TrainingRun(configuration, data: data)
        _ = try slices.advance(iterations: 13)
        slices = try TrainingRun(configuration, data: data, checkpoint: slices.checkpoint())
        _ = try slices.advance(iterations: 27)
        #expect(slices.checkpoint() == run.checkpoint())
    }
}
