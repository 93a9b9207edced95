internal import Certificates
public import Documents
internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
public import Networks
internal import Randomness
internal import Statistics

/// The measurements of `verify-cli bench`: times of exact updates and learning rules, each beside the
/// limit that the machine sets, measured in the same run.
///
/// Processor times of one thread, BLAS included. Machines are noisy all the same; ratios within one
/// run mean more than times.
public struct Benchmark {
    public var repeats: Int
    private let measuredProduct: Double
    private let measuredVectorProduct: Double

    /// Measures the machine's own rates first.
    public init(repeats: Int = 21) {
        self.repeats = repeats
        var generator = RandomGenerator(seed: 1)
        let a = Matrix<Double>(rows: 256, columns: 256) { _, _ in generator.nextNormal() }
        let x = Matrix<Double>(rows: 256, columns: 1) { _, _ in generator.nextNormal() }
        var product = a
        var image = x
        Stopwatch.warmUp()
        measuredProduct = Stopwatch.median(repeats: 50) { product.assignProduct(a, a) }
        measuredVectorProduct = Stopwatch.median(repeats: 50) {
            for _ in 0..<100 { image.assignProduct(a, x) }
        } / 100
    }

    /// Floating-point operations a second of `dgemm` at order 256.
    var productRate: Double { 2 * 256 * 256 * 256 / measuredProduct }

    /// The machine's rates, against which the rest is measured.
    public func machineTable() throws -> Table {
        try Table(
            title: "The machine, one BLAS thread",
            columns: [
                Column("kernel", format: .text, identifiesRow: true),
                Column("seconds", title: "time", format: .seconds),
                Column("rate", format: .text, alignment: .right),
            ],
            rows: [
                [
                    "dgemm 256", .number(measuredProduct),
                    .text("\(rounded(productRate / 1e9)) GFlop/s"),
                ],
                [
                    "dgemv 256", .number(measuredVectorProduct),
                    .text("\(rounded(8 * 256 * 256 / measuredVectorProduct / 1e9)) GB/s"),
                ],
            ])
    }

    /// Exact updates of 784-256-256-10, tanh and softmax, mini-batch 1, against the time that their
    /// block factorizations would take at the `dgemm` rate.
    public func exactUpdateTable(activation: Activation) throws -> Table {
        var table = try Table(
            title: "Exact update, 784-256-256-10 \(activation.name), mini-batch 1",
            columns: [
                Column("alpha", title: "α", format: .setting, identifiesRow: true),
                Column("iterations", format: .integer),
                Column("factorizations", format: .integer),
                Column("residual", format: .significant(2)),
                Column("seconds", title: "time", format: .seconds),
                Column("limit", format: .seconds),
                Column("ratio", format: .significant(2)),
                Column("certificateSeconds", title: "certificate", format: .seconds),
                Column("proofSeconds", title: "proof", format: .seconds),
                Column("provedRadius", title: "proved radius", format: .significant(2)),
            ],
            notes: [
                "Limit: one block factorization for each iteration at the dgemm rate of this run. "
                    + "The times of the certificate and of the proof (--proved) are not part of the solve's. "
                    + "Every activity of the exact update is proved to within the radius."
            ])
        let operations = BlockTridiagonalCholesky.operations(orders: [256, 256, 10])
        for alpha in [0.001, 0.01, 0.1, 1, 10, 100] {
            let problem = try paperProblem(activation, learningRate: alpha)
            let solver = ActivitySpaceSolver()
            // Solves first: between them a certificate would leave the cache to the next.
            var last = try solver.certified(problem)
            let times = try (0..<repeats).map { _ in try solver.solve(problem).processorSeconds }
            let certificateTimes = try (0..<repeats).map { _ in
                last = try solver.certified(problem)
                return last.certificateSeconds
            }
            let proof = Self.proof(last, problem, repeats: min(repeats, 5))
            let time = Quartiles(times)?.median ?? .nan
            let limit = Double(last.solve.iterations) * operations / productRate
            try table.append([
                .number(alpha), .integer(last.solve.iterations), .integer(last.solve.factorizations),
                .number(last.implicitResidual), .number(time), .number(limit),
                .number(time / limit), .number(Quartiles(certificateTimes)?.median ?? .nan),
                proof.seconds, proof.radius,
            ])
        }
        return table
    }

    /// Time and radius of an enclosure, or why there is none.
    private static func proof(
        _ update: CertifiedUpdate, _ problem: ProximalProblem, repeats: Int
    ) -> (seconds: Cell, radius: Cell) {
        var result = Result<ActivityEnclosure, NotEnclosed>.failure(.singular)
        let seconds = Stopwatch.median(repeats: repeats) {
            result = Result { () throws(NotEnclosed) in try ActivityEnclosure(around: update.update, for: problem) }
        }
        switch result {
        case .success(let enclosure): return (.number(seconds), .number(enclosure.radius))
        case .failure(let reason): return (.number(seconds), .missing(reason: "\(reason)"))
        }
    }

    /// Small networks, which theorems solve by the ten thousand.
    public func smallNetworkTable() throws -> Table {
        var table = try Table(
            title: "Exact updates of 6-8-7-3 networks, mini-batch 1, one thread",
            columns: [
                Column("activation", format: .text, identifiesRow: true),
                Column("alpha", title: "α", format: .setting, identifiesRow: true),
                Column("perSecond", title: "solves a second", format: .significant(3)),
                Column("iterations", title: "mean iterations", format: .significant(2)),
            ])
        for activation in [Activation.tanh, .relu] {
            for alpha in [0.01, 0.1, 1, 10] {
                let problems = try (0..<100).map {
                    try randomProblem(
                        [6, 8, 7, 3], activation, learningRate: alpha, stream: UInt64($0))
                }
                let solver = ActivitySpaceSolver()
                var iterations = 0
                let time = try Stopwatch.median(repeats: 5) {
                    iterations = 0
                    for problem in problems { iterations += try solver.solve(problem).iterations }
                }
                try table.append([
                    .text(activation.name), .number(alpha),
                    .number(Double(problems.count) / time),
                    .number(Double(iterations) / Double(problems.count)),
                ])
            }
        }
        return table
    }

    /// Steps of the rules at mini-batch 1 on 784-256-256-10 (ReLU), double precision; for the rules of
    /// 25 inference steps the limit is 2 × 25 passes over the hidden weights at the `dgemv` rate.
    public func ruleTable() throws -> Table {
        let problem = try paperProblem(.relu, learningRate: 0.1)
        let learning = LearningProblem(problem)
        var table = try Table(
            title: "One update of 784-256-256-10 relu, mini-batch 1, double precision",
            columns: [
                Column("rule", format: .text, identifiesRow: true),
                Column("seconds", title: "time", format: .seconds),
                Column("limit", format: .seconds),
                Column("ratio", format: .significant(2)),
            ],
            notes: [
                "Limit: 2 × 25 passes over the hidden weights at the dgemv rate of this run."
            ])
        let hiddenWeights = Double(256 * 256 + 256 * 10)
        let limit = 50 * hiddenWeights / (256 * 256) * measuredVectorProduct
        for entry in RuleRegistry.builtIn.compared {
            let rule = entry.rule()
            let time = try Stopwatch.median(repeats: repeats) { _ = try rule.step(learning) }
            let hasLimit = (rule as? any LocalLearningRule)?.hiddenProducts == 50
            try table.append([
                .text(entry.name), .number(time),
                hasLimit ? .number(limit) : .missing(reason: "not a rule of 25 steps"),
                hasLimit ? .number(time / limit) : .missing(reason: "not a rule of 25 steps"),
            ])
        }
        return table
    }

    /// Mini-batch 64 of the paper's network.
    public func miniBatchTable() throws -> Table {
        var table = try Table(
            title: "Exact update, 784-256-256-10, mini-batch 64",
            columns: [
                Column("activation", format: .text, identifiesRow: true),
                Column("alpha", title: "α", format: .setting, identifiesRow: true),
                Column("outcome", format: .text),
                Column("residual", format: .significant(2)),
                Column("iterations", format: .integer),
                Column("products", title: "Hessian products", format: .integer),
                Column("kinks", title: "on kinks", format: .integer),
                Column("seconds", title: "time", format: .seconds),
            ])
        for activation in [Activation.tanh, .relu] {
            for alpha in [0.01, 0.1, 1, 10, 100] {
                let problem = try paperProblem(activation, learningRate: alpha, batchSize: 64)
                let report = try ProximalSolver(options: SolverOptions(tolerance: 1e-9))
                    .solve(problem)
                try table.append([
                    .text(activation.name), .number(alpha), .text(report.outcome.name),
                    .number(report.implicitResidual), .integer(report.iterations),
                    .integer(report.hessianProducts), .integer(report.kinkedUnits.count),
                    .number(report.processorSeconds),
                ])
            }
        }
        return table
    }

    /// A random network of these widths and a mini-batch of inputs like pixels.
    func problem(
        _ widths: [Int], _ activation: Activation, learningRate: Double, batchSize: Int
    ) throws -> ProximalProblem {
        try randomProblem(
            widths, activation, learningRate: learningRate, stream: 0, batchSize: batchSize, uniformInputs: true)
    }

    private func paperProblem(
        _ activation: Activation, learningRate: Double, batchSize: Int = 1
    ) throws -> ProximalProblem {
        try problem([784, 256, 256, 10], activation, learningRate: learningRate, batchSize: batchSize)
    }

    private func randomProblem(
        _ widths: [Int], _ activation: Activation, learningRate: Double, stream: UInt64,
        batchSize: Int = 1, uniformInputs: Bool = false
    ) throws -> ProximalProblem {
        var generator = RandomGenerator(seed: 1, stream: stream)
        let architecture = try Architecture(widths: widths, activation: activation)
        let network = Network<Double>(architecture: architecture, using: &generator)
        let inputs = Matrix<Double>(rows: widths[0], columns: batchSize) { _, _ in
            // Like pixels: many zeros, the rest anywhere in [0, 1).
            guard uniformInputs else { return generator.nextNormal() }
            return max(0, 2 * generator.nextUniform() - 1)
        }
        let classes = (0..<batchSize).map { _ in
            Int(generator.next(below: UInt64(architecture.outputWidth)))
        }
        let targets = Matrix<Double>(rows: architecture.outputWidth, columns: batchSize) { i, j in
            classes[j] == i ? 1 : 0
        }
        return try ProximalProblem(
            network: network, batch: Batch(inputs: inputs, targets: targets),
            loss: .softmaxCrossEntropy, learningRate: learningRate)
    }

    private func rounded(_ value: Double) -> String {
        NumberFormat.significant(3).string(value)
    }
}
