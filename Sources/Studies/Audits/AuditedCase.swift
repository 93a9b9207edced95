internal import CaseFiles
internal import Certificates
internal import Comparison
internal import Graphs
internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks

/// What an audit asks of a network with a mini-batch and a learning rate, be it a chain or a graph: its gradients, its
/// exact update, and the updates of rules.
protocol AuditedCase {
    /// `θ_b`.
    var parameters: Parameters<Double> { get }
    /// Its tensors, layer by layer.
    var tensors: [TensorPlace] { get }
    /// Parameters that the exact update and the rules do not move.
    var held: HeldParameters { get }
    /// Whether an activation has kinks.
    var hasKinks: Bool { get }
    /// The rules to compare with.
    var rules: [NamedRule] { get }

    /// The same case with another learning rate.
    func with(learningRate: Double) throws(ProblemError) -> Self
    /// `∇L(θ_b + update)`.
    func gradient(after update: Parameters<Double>) -> Parameters<Double>
    /// `P_α(θ_b + update)`.
    func objective(after update: Parameters<Double>) -> Double
    /// The exact update, with a certificate that examines its minimum, or the implicit equation alone.
    func exactUpdate(_ examination: AuditExamination) throws(SolveError) -> ReferenceUpdate
    /// The updates of `rules`, `nil` where one has none.
    func updates() -> [Parameters<Double>?]
    /// The rules with other sets of conventions, and their updates; the one with the fewest first.
    func variants() -> [(rule: NamedRule, update: Parameters<Double>)]
}

/// How much of an exact update is examined.
enum AuditExamination { case equation, minimum }

/// Where a tensor's numbers stand among the parameters.
struct TensorPlace: Hashable {
    let name: String
    let layer: Int
    /// Its columns among those of its layer.
    let columns: Range<Int>
    let isBias: Bool
    let isHeld: Bool
}

/// A rule by name, with the conventions of the published code that are in force in it.
struct NamedRule: Sendable, Hashable {
    let name: String
    let conventions: [PublishedQuirk]
}

/// A chain under audit.
struct AuditedChain: AuditedCase {
    private let problem: ProximalProblem
    private let solver: ProximalSolver
    private let chosen: [ChosenRule]
    private let settings: RuleSettings

    init(_ problem: ProximalProblem, rules: [ChosenRule], settings: RuleSettings, solver: ProximalSolver) {
        self.problem = problem
        self.solver = solver
        self.settings = settings
        chosen = rules
    }

    var parameters: Parameters<Double> { problem.network.parameters }
    var held: HeldParameters { problem.held }
    var hasKinks: Bool { problem.network.architecture.hasKinks }
    var rules: [NamedRule] { chosen.map { NamedRule(name: $0.name, conventions: $0.conventions) } }

    var tensors: [TensorPlace] {
        let architecture = problem.network.architecture
        return architecture.biases.indices.flatMap { n in
            let width = architecture.widths[n]
            let weight = TensorPlace(
                name: TensorName.weight(n).text, layer: n, columns: 0..<width, isBias: false,
                isHeld: held.holdsWeights(ofLayer: n))
            guard architecture.biases[n] else { return [weight] }
            let bias = TensorPlace(
                name: TensorName.bias(n).text, layer: n, columns: width..<(width + 1), isBias: true,
                isHeld: held.holdsBias(ofLayer: n))
            return [weight, bias]
        }
    }

    func with(learningRate: Double) throws(ProblemError) -> AuditedChain {
        AuditedChain(
            try problem.with(learningRate: learningRate), rules: chosen, settings: settings, solver: solver)
    }

    func gradient(after update: Parameters<Double>) -> Parameters<Double> {
        problem.linearization(after: update).gradient()
    }

    func objective(after update: Parameters<Double>) -> Double { problem.objective(after: update) }

    func exactUpdate(_ examination: AuditExamination) throws(SolveError) -> ReferenceUpdate {
        ReferenceUpdate(
            try solver.certified(problem, examination: examination == .minimum ? .minimum : .firstOrder))
    }

    func updates() -> [Parameters<Double>?] {
        chosen.map { try? $0.rule.step(LearningProblem(problem)).update }
    }

    func variants() -> [(rule: NamedRule, update: Parameters<Double>)] {
        chosen.filter { !$0.entry.quirks.isEmpty }.flatMap { ChosenRule.variants(of: $0.entry, settings) }
            .compactMap { variant in
                (try? variant.rule.step(LearningProblem(problem)).update).map {
                    (NamedRule(name: variant.name, conventions: variant.conventions), $0)
                }
            }
    }
}

/// A graph under audit.
struct AuditedGraph: AuditedCase {
    private let problem: GraphProblem
    private let chosen: [any GraphRule]
    private let options: SolverOptions

    init(_ problem: GraphProblem, rules: [any GraphRule], options: SolverOptions) {
        self.problem = problem
        self.options = options
        chosen = rules
    }

    var parameters: Parameters<Double> { problem.network.parameters }
    var held: HeldParameters { .none }
    var hasKinks: Bool { problem.network.architecture.hasKinks }
    var rules: [NamedRule] { chosen.map { NamedRule(name: $0.name, conventions: []) } }

    var tensors: [TensorPlace] {
        problem.network.architecture.tensors.enumerated().map { n, tensor in
            TensorPlace(
                name: tensor.name, layer: n, columns: 0..<parameters.layers[n].columns, isBias: tensor.role == .bias,
                isHeld: false)
        }
    }

    func with(learningRate: Double) throws(ProblemError) -> AuditedGraph {
        AuditedGraph(try problem.with(learningRate: learningRate), rules: chosen, options: options)
    }

    func gradient(after update: Parameters<Double>) -> Parameters<Double> { problem.gradient(after: update) }

    func objective(after update: Parameters<Double>) -> Double { problem.objective(after: update) }

    func exactUpdate(_ examination: AuditExamination) throws(SolveError) -> ReferenceUpdate {
        ReferenceUpdate(try GraphSolution(problem, options: options))
    }

    func updates() -> [Parameters<Double>?] { chosen.map { try? $0.update(problem) } }

    /// Rules on graphs have no conventions to exchange.
    func variants() -> [(rule: NamedRule, update: Parameters<Double>)] { [] }
}
