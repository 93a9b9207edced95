internal import Certificates
public import Documents
internal import ImplicitSGD
internal import Networks
internal import Statistics

/// How the time of an exact update grows with width, depth and mini-batch: what `verify-cli bench --growth` shows.
///
/// Beside each time stands what the machine could do at best, at the `dgemm` rate of the same run. In activity space
/// that is one block factorization an iteration. In weight space it is the products of Hessian and preconditioner with
/// a vector: ten passes over each hidden weight and four over each of the first layer's, in the basis of the
/// mini-batch's inputs. The factorization of the preconditioner and its triangular solves are not in it.
public struct BenchmarkGrowth {
    /// What grows.
    public enum Size: String, Sendable, CaseIterable {
        case width, examples, layers

        /// Its values, each twice the one before.
        var values: [Int] {
            switch self {
            case .width: [64, 128, 256, 512, 1024, 2048]
            case .examples: [1, 2, 4, 8, 16, 32, 64, 128, 256]
            case .layers: [2, 4, 8, 16, 32]
            }
        }

        /// The widths of the network, and the size of the mini-batch.
        func network(_ value: Int) -> (widths: [Int], batch: Int) {
            switch self {
            case .width: ([784, value, value, 10], 1)
            case .examples: ([784, 256, 256, 10], value)
            case .layers: ([784] + Array(repeating: 64, count: value) + [10], 1)
            }
        }

        /// The network in words, with a letter for what grows.
        var pattern: String {
            switch self {
            case .width: "784-w-w-10, mini-batch 1"
            case .examples: "784-256-256-10, mini-batch B"
            case .layers: "784, so many hidden layers of 64, 10, mini-batch 1"
            }
        }
    }

    private let benchmark: Benchmark
    /// `α`.
    private let learningRate = 0.1
    /// Solves of a size are repeated until they have taken this long, in seconds; the least time counts.
    private let patience = 1.0

    /// Measures the machine's own rates first.
    public init() { benchmark = Benchmark() }

    /// How many solves a table has, for progress.
    public static func work(_ size: Size) -> Int { size.values.count * activations.count }

    private static let activations = [Activation.tanh, .relu]

    /// Times of all sizes, with a chart of them.
    ///
    /// - Parameters:
    ///   - size: what grows.
    ///   - progress: called after each size and activation.
    public func table(_ size: Size, progress: () -> Void) throws -> Table {
        var table = try Table(
            title: "Exact update against \(size.rawValue): \(size.pattern)",
            columns: [
                Column("activation", format: .text, identifiesRow: true),
                Column(size.rawValue, format: .integer, identifiesRow: true),
                Column("solver", format: .text),
                Column("outcome", format: .text),
                Column("iterations", format: .integer),
                Column("products", title: "Hessian products", format: .integer),
                Column("seconds", title: "time", format: .seconds),
                Column("limit", format: .seconds),
                Column("ratio", format: .significant(2)),
                Column("growth", title: "time / time before", format: .significant(2)),
            ],
            notes: [
                "α = 0.1, softmax cross-entropy, to a residual of 1e-9; the least time of several solves. Limit: a block "
                    + "factorization for each iteration, or the products with Hessian and preconditioner, at the dgemm "
                    + "rate of this run."
            ])
        var series: [LineChart.Series] = []
        for activation in Self.activations {
            var (times, limits): ([LineChart.Point], [LineChart.Point]) = ([], [])
            for value in size.values {
                let (report, seconds) = try leastTime(size, value, activation)
                let limit = leastPossibleTime(report, of: size.network(value))
                let before = times.last.map { Cell.number(seconds / $0.y) }
                times.append(.init(x: Double(value), y: seconds))
                limits.append(.init(x: Double(value), y: limit))
                try table.append([
                    .text(activation.name), .integer(value), .text(report.method.name), .text(report.outcome.name),
                    .integer(report.iterations), .integer(report.hessianProducts), .number(seconds), .number(limit),
                    .number(seconds / limit), before ?? .missing(reason: "the first size"),
                ])
                progress()
            }
            series += [.init(activation.name, times), .init("limit, \(activation.name)", limits)]
        }
        table.charts = [
            Chart(
                title: "Time of an exact update against \(size.rawValue)", subtitle: "\(size.pattern); α = 0.1, one thread",
                content: .lines(
                    LineChart(
                        x: Axis(size.rawValue, .logarithmic), y: Axis("time (seconds)", .logarithmic), series: series)))
        ]
        return table
    }

    /// A solve, and the least processor time of all that `patience` allows.
    private func leastTime(
        _ size: Size, _ value: Int, _ activation: Activation
    ) throws -> (report: SolveReport, seconds: Double) {
        let (widths, batch) = size.network(value)
        let problem = try benchmark.problem(widths, activation, learningRate: learningRate, batchSize: batch)
        let solver = ProximalSolver(options: SolverOptions(tolerance: 1e-9))
        let report = try solver.solve(problem)
        var (least, spent) = (report.processorSeconds, report.processorSeconds)
        while spent < patience {
            let seconds = try solver.solve(problem).processorSeconds
            least = min(least, seconds)
            spent += seconds
        }
        return (report, least)
    }

    /// The time that the solver's products or factorizations take at the `dgemm` rate.
    private func leastPossibleTime(_ report: SolveReport, of network: (widths: [Int], batch: Int)) -> Double {
        let costs = SolverCosts(widths: network.widths, examples: network.batch)
        let operations = report.method == .activitySpace
            ? Double(report.iterations) * costs.factorization : Double(report.hessianProducts) * costs.product
        return operations / benchmark.productRate
    }
}
