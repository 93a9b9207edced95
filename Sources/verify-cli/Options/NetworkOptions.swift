import ArgumentParser
import ErrorTables
import Networks

extension Activation: NamedArgument {}
extension Initialization: NamedArgument {}
extension DataSource: NamedArgument {}

/// Layer widths as they are written in papers: `784-256-256-10`.
struct Widths: ExpressibleByArgument {
    let values: [Int]

    init?(argument: String) {
        let parts = argument.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        let values = parts.compactMap { $0 }
        guard values.count == parts.count, values.count >= 2, values.allSatisfy({ $0 > 0 }) else {
            return nil
        }
        self.values = values
    }

    var defaultValueDescription: String { values.map(String.init).joined(separator: "-") }

    /// The number of weights without biases, `nil` if it overflows.
    private var weightCount: Int? {
        var count = 0
        for (width, next) in zip(values, values.dropFirst()) {
            let (product, overflows) = width.multipliedReportingOverflow(by: next)
            let (sum, alsoOverflows) = count.addingReportingOverflow(product)
            if overflows || alsoOverflows { return nil }
            count = sum
        }
        return count
    }

    /// Half a gibibyte of weights in double precision.
    private static let weightLimit = 1 << 26

    func validate() throws {
        guard weightCount ?? .max <= Self.weightLimit else {
            throw ValidationError(
                "--sizes \(defaultValueDescription): expected at most \(Self.weightLimit) weights.")
        }
    }
}

/// Networks with fresh weights, and the data set that their examples come from; the same for every study.
struct NetworkOptions: ParsableArguments {
    @Option(
        name: .customLong("data"),
        help: """
            Data set (default: digits). digits is built in and quick, fashion-mnist a Debian package, mnist and cifar-10 need \
            --data-directory; gaussian has any width, and nothing to train on.
            """)
    var chosenData: DataSource?

    var data: DataSource { chosenData ?? .digits }

    @Option(
        name: .long,
        help: "Directory with the data set's files: IDX with MNIST's names, or CIFAR-10's binary batches.")
    var dataDirectory: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Layer widths, e.g. 784-256-256-10. Default: hidden layers for the data set.",
            valueName: "widths"))
    var sizes: Widths?

    @Option(name: .customLong("activation"), help: "Hidden activation. (default: relu)")
    var chosenActivation: Activation?

    var activation: Activation { chosenActivation ?? .relu }

    @Flag(name: .long, inversion: .prefixedNo, help: "Whether layers have biases, which then move too.")
    var bias = true

    @Option(name: .long, help: "Of the weights; uniform is ±1/√fan-in, PyTorch's default.")
    var initialization: Initialization = .uniform

    func validate() throws { try sizes?.validate() }
}
