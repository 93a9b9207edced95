internal import Certificates
internal import Comparison
internal import ErrorTables
internal import Foundation
internal import ImplicitSGD
internal import LearningRules
public import Networks
internal import RunStore

/// Everything that one cell of a phase map depends on.
public struct PhaseConfiguration: Codable, Hashable, Sendable {
    public var widths: [Int]
    public var activation: Activation
    public var bias: Bool
    public var initialization: Initialization
    public var loss: Loss
    public var dataSet: String
    public var batchSize: Int
    public var cases: Int
    public var seed: UInt64
    public var learningRate: Double
    /// Inference steps of the rules that make a fixed number of them.
    public var steps: Int
    public var stepSize: Double?
    public var rules: [String]
    public var tolerance: Double

    public init(
        widths: [Int], activation: Activation, bias: Bool, initialization: Initialization,
        loss: Loss, dataSet: String, batchSize: Int, cases: Int, seed: UInt64, learningRate: Double,
        steps: Int, stepSize: Double?, rules: [String], tolerance: Double
    ) {
        self.widths = widths
        self.activation = activation
        self.bias = bias
        self.initialization = initialization
        self.loss = loss
        self.dataSet = dataSet
        self.batchSize = batchSize
        self.cases = cases
        self.seed = seed
        self.learningRate = learningRate
        self.steps = steps
        self.stepSize = stepSize
        self.rules = rules
        self.tolerance = tolerance
    }
}

extension PhaseConfiguration {
    private var traits: String { "\(activation.name) \(bias ? "with" : "without") bias" }

    /// `64-32-10 relu with bias`.
    var network: String { widths.map(String.init).joined(separator: "-") + " \(traits)" }

    /// `64-…-10 relu with bias`, where the hidden layers are what varies.
    var networkOfAnyDepth: String { "\(widths.first ?? 0)-…-\(widths.last ?? 0) \(traits)" }

    /// Data and number of cases, as far as all cells of a map share them.
    var dataInWords: String { "\(dataSet), mini-batch \(batchSize), \(cases) cases" }
}

/// How near each rule comes to the exact update in one case.
public struct PhaseRow: Codable, Hashable, Sendable {
    /// One rule's measures; none if it has no update.
    public struct Rule: Codable, Hashable, Sendable {
        public let name: String
        public let relativeDistance: Double?
        public let cosine: Double?
        public let proximalGap: Double?
    }

    public let caseIndex: Int
    /// Whether the exact update was certified; if not, its distances mean nothing.
    public let isExact: Bool
    public let rules: [Rule]
}

/// One cell of a phase map: the cases of a distribution, one after the other.
struct PhaseRun: ResumableRun {
    let configuration: PhaseConfiguration
    private let cases: [StudyCase]
    private let study: ApproximationStudy
    private(set) var completedWork: Int

    /// - Parameter checkpoint: the number of cases done, as text.
    init(_ configuration: PhaseConfiguration, directory: String?, checkpoint: Data?) throws {
        self.configuration = configuration
        guard let source = DataSource(rawValue: configuration.dataSet) else {
            throw ExperimentError.unknownDataSet(configuration.dataSet)
        }
        cases = try CaseDistribution(
            architecture: Architecture(
                widths: configuration.widths, activation: configuration.activation,
                bias: configuration.bias),
            initialization: configuration.initialization, loss: configuration.loss, source: source,
            dataDirectory: directory, batchSize: configuration.batchSize,
            count: configuration.cases, seed: configuration.seed
        ).cases()
        let settings = RuleSettings(steps: configuration.steps, stepSize: configuration.stepSize)
        study = ApproximationStudy(
            learningRates: [configuration.learningRate],
            rows: try configuration.rules.map { name in
                .init(label: name, rule: try RuleRegistry.builtIn.entry(named: name).rule(settings))
            },
            solver: ProximalSolver(options: SolverOptions(tolerance: configuration.tolerance)))
        completedWork = 0
        if let checkpoint {
            guard let done = Int(String(decoding: checkpoint, as: UTF8.self)),
                (0...configuration.cases).contains(done)
            else { throw ExperimentError.unreadableCheckpoint }
            completedWork = done
        }
    }

    var isFinished: Bool { completedWork >= configuration.cases }

    func checkpoint() -> Data { Data("\(completedWork)".utf8) }

    mutating func advance(work: Int) throws -> [PhaseRow] {
        let end = min(configuration.cases, completedWork + work)
        let outcomes = try study.run(Array(cases[completedWork..<end]), loss: configuration.loss)
        completedWork = end
        return outcomes.map { outcome in
            PhaseRow(
                caseIndex: outcome.caseIndex, isExact: outcome.report.isExact,
                rules: zip(configuration.rules, outcome.rules).map { name, result in
                    let comparison = try? result.get().comparison
                    return .init(
                        name: name, relativeDistance: comparison?.whole.relativeDistance,
                        cosine: comparison?.whole.cosine, proximalGap: comparison?.proximalGap)
                })
        }
    }
}

/// Why a run cannot begin or continue.
public enum ExperimentError: Error, Equatable, Sendable, CustomStringConvertible {
    case unknownDataSet(String)
    case unreadableCheckpoint

    public var description: String {
        switch self {
        case .unknownDataSet(let name): "there is no data set '\(name)'"
        case .unreadableCheckpoint: "the checkpoint is not one of this kind of run"
        }
    }
}
